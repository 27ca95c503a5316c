// The layout of Arrow tables in an arena: read back structure by structure, as a reader with 32-bit pointers would.
#include "arrow_arena.h"

#include <cstring>
#include <string>

#include "check.h"

namespace {

using namespace llmap;

template <typename T>
T read(const std::vector<uint8_t>& arena, uint32_t offset) {
  T value;
  std::memcpy(&value, arena.data() + offset, sizeof(value));
  return value;
}

std::string text(const std::vector<uint8_t>& arena, uint32_t offset) {
  return reinterpret_cast<const char*>(arena.data() + offset);
}

}  // namespace

TEST(arrow_arena_layout) {
  const std::vector<ColumnSpec> specs = {{"text", ColumnType::int32},
                                         {"log_likelihood", ColumnType::float64},
                                         {"log_probs", ColumnType::list_of_float32, 100, 0},
                                         {"kl", ColumnType::fixed_size_list_of_float64, 0, 7}};
  for (const uint64_t rows : {0u, 1u, 5u, 1000u}) {
    const ArenaLayout layout = plan_arena(specs, rows);
    std::vector<uint8_t> arena(layout.bytes);
    write_arena(specs, rows, arena);

    for (size_t i = 0; i < 64; ++i) CHECK(arena[i] == 0);
    CHECK(text(arena, read<uint32_t>(arena, layout.schema)) == "+s");
    CHECK(read<int64_t>(arena, layout.schema + 24) == 4);
    CHECK(read<int64_t>(arena, layout.array) == static_cast<int64_t>(rows));
    CHECK(read<int64_t>(arena, layout.array + 32) == 4);

    const char* formats[] = {"i", "g", "+l", "+w:7"};
    const int64_t buffers[] = {2, 2, 2, 1};
    const uint32_t schemas = read<uint32_t>(arena, layout.schema + 32);
    const uint32_t arrays = read<uint32_t>(arena, layout.array + 44);
    for (uint32_t c = 0; c < 4; ++c) {
      const auto schema = read<uint32_t>(arena, schemas + 4 * c);
      const auto array = read<uint32_t>(arena, arrays + 4 * c);
      CHECK(text(arena, read<uint32_t>(arena, schema)) == formats[c]);
      CHECK(text(arena, read<uint32_t>(arena, schema + 4)) == specs[c].name);
      CHECK(read<int64_t>(arena, array) == static_cast<int64_t>(rows));
      CHECK(read<int64_t>(arena, array + 24) == buffers[c]);
      const auto pointers = read<uint32_t>(arena, array + 40);
      CHECK(read<uint32_t>(arena, pointers) == 0);  // no validity bitmap
      const ColumnOffsets offsets = layout.columns[c];
      CHECK(offsets.values % 64 == 0 && offsets.list_offsets % 64 == 0);
      if (c < 2) CHECK(read<uint32_t>(arena, pointers + 4) == offsets.values);
      if (c == 2) CHECK(read<uint32_t>(arena, pointers + 4) == offsets.list_offsets);
      if (c >= 2) {
        const auto child = read<uint32_t>(arena, read<uint32_t>(arena, array + 44));
        CHECK(read<int64_t>(arena, child) == (c == 2 ? 100 : static_cast<int64_t>(rows) * 7));
        CHECK(read<uint32_t>(arena, read<uint32_t>(arena, child + 40) + 4) == offsets.values);
      }
    }
    CHECK(layout.columns[3].values + rows * 7 * sizeof(double) <= layout.bytes);
  }
}

TEST(arrow_arena_limits) {
  const auto bytes = [](ColumnSpec spec, uint64_t rows) { return plan_arena({&spec, 1}, rows).bytes; };
  CHECK(bytes({"a", ColumnType::float64}, (uint64_t{1} << 29) - 1000) < uint64_t{1} << 32);
  CHECK_THROWS(ErrorCode::argument, "under 4 GiB", bytes({"a", ColumnType::float64}, uint64_t{1} << 29));
  CHECK_THROWS(ErrorCode::argument, "under 4 GiB",
               bytes({"a", ColumnType::fixed_size_list_of_float64, 0, uint64_t{1} << 31}, uint64_t{1} << 31));
  CHECK_THROWS(ErrorCode::argument, "fewer than 2^31 values",
               bytes({"a", ColumnType::list_of_float32, uint64_t{1} << 31}, 1));
}
