"""Files of a small matrix as numpy and pandas write them, for test/unit/formats and test/unit/run/import.test.ts.

python3 scripts/reference/python-files.py > test/fixtures/reference/python-files.json
"""
import base64
import io
import json

import numpy as np
import pandas as pd

names = ['base', 'a "quoted", name', "=sum"]
L = np.array([[-1 / 3, -1e-7, -2.5, -1e21], [-100.1, -0.1, -7.0, -1234.5678901234567], [-3.0, -2.0, -1.0, -5e-324]])


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return base64.b64encode(file.getvalue()).decode()


text = io.StringIO()
np.savetxt(text, L, delimiter=",")
print(
    json.dumps(
        {
            "models": names,
            "rows": L.tolist(),
            "npy": {
                "saved": npy(L),
                "version2": npy(L, (2, 0)),
                "version3": npy(L, (3, 0)),
                "fortran": npy(np.asfortranarray(L)),
                "float32": npy(L[:2, :3].astype("<f4")),
                "vector": npy(L[1]),
                "bigEndian": npy(L.astype(">f8")),
                "integers": npy(np.arange(6).reshape(2, 3)),
                "cube": npy(np.zeros((2, 2, 2))),
            },
            "csv": {
                "named": pd.DataFrame(L, index=names).to_csv(),
                "unnamed": pd.DataFrame(L).to_csv(index=False),
                "savetxt": text.getvalue(),
            },
        }
    )
)
