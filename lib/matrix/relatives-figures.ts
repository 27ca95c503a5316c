/** Written by `npm run bench:relatives -- --write`; not by hand. */
import type { RelativesFigures } from "./relatives-errors.js";

export const relativesFigures: RelativesFigures = {
  "families": 10,
  "models": 180,
  "texts": 120,
  "limits": {
    "merge": 0.1,
    "branchPoint": 0.05,
    "nearness": 0.02,
    "lead": 0.3
  },
  "withFacts": {
    "copies": {
      "named": {
        "wrong": 0,
        "of": 80
      },
      "missed": {
        "wrong": 0,
        "of": 80
      },
      "hidden": {
        "wrong": 0,
        "of": 180
      }
    },
    "original": {
      "named": {
        "wrong": 0,
        "of": 48
      },
      "missed": {
        "wrong": 12,
        "of": 60
      },
      "hidden": {
        "wrong": 3,
        "of": 180
      }
    },
    "parent": {
      "named": {
        "wrong": 1,
        "of": 2
      },
      "missed": {
        "wrong": 68,
        "of": 70
      },
      "hidden": {
        "wrong": 2,
        "of": 180
      }
    },
    "merge": {
      "named": {
        "wrong": 1,
        "of": 50
      },
      "missed": {
        "wrong": 0,
        "of": 50
      },
      "hidden": {
        "wrong": 2,
        "of": 180
      }
    }
  },
  "withoutFacts": {
    "copies": {
      "named": {
        "wrong": 0,
        "of": 80
      },
      "missed": {
        "wrong": 0,
        "of": 80
      },
      "hidden": {
        "wrong": 0,
        "of": 180
      }
    },
    "original": {
      "named": {
        "wrong": 0,
        "of": 0
      },
      "missed": {
        "wrong": 60,
        "of": 60
      },
      "hidden": {
        "wrong": 0,
        "of": 180
      }
    },
    "parent": {
      "named": {
        "wrong": 0,
        "of": 7
      },
      "missed": {
        "wrong": 69,
        "of": 70
      },
      "hidden": {
        "wrong": 2,
        "of": 180
      }
    },
    "merge": {
      "named": {
        "wrong": 0,
        "of": 48
      },
      "missed": {
        "wrong": 2,
        "of": 50
      },
      "hidden": {
        "wrong": 2,
        "of": 180
      }
    }
  }
};
