#include "arrow_arena.h"

#include <bit>
#include <cstring>
#include <limits>
#include <string_view>

#include "error.h"

namespace llmap {

namespace {

static_assert(std::endian::native == std::endian::little, "arrow-js-ffi reads little-endian structures");

constexpr uint64_t kArenaLimit = uint64_t{1} << 32;
constexpr uint64_t kBufferAlignment = 64;
constexpr uint64_t kStructAlignment = 8;

// The structures with 32-bit pointers. Members that are always zero here (metadata, flags, null counts, offsets,
// dictionaries, release callbacks) are never written.
namespace arrow_schema {
constexpr uint32_t format = 0, name = 4, n_children = 24, children = 32, size = 48;
}
namespace arrow_array {
constexpr uint32_t length = 0, n_buffers = 24, n_children = 32, buffers = 40, children = 44, size = 64;
}

// Hands out the arena from front to back and writes into it. Without memory it only measures, so that planning and
// writing are one code path and cannot disagree.
class ArenaWriter {
 public:
  explicit ArenaWriter(uint8_t* memory) : memory_(memory) {
    // A null pointer is read as address 0 (of metadata, for example): keep zeroes there.
    reserve(1, kBufferAlignment, kBufferAlignment);
  }

  uint64_t bytes() const { return end_; }

  uint32_t reserve(uint64_t count, uint64_t item_bytes, uint64_t alignment) {
    const uint64_t begin = (end_ + alignment - 1) / alignment * alignment;
    // The first comparison keeps the product from overflowing.
    if (count >= kArenaLimit || begin + count * item_bytes + kBufferAlignment >= kArenaLimit) {
      throw Error(
          ErrorCode::argument,
          "Expected a table under 4 GiB (the limit of 32-bit Arrow offsets) but its columns need more; split the rows");
    }
    end_ = begin + count * item_bytes;
    return static_cast<uint32_t>(begin);
  }
  // A column's buffer, with zeroes behind it up to the alignment.
  uint32_t buffer(uint64_t count, uint64_t item_bytes) {
    const uint32_t begin = reserve(count, item_bytes, kBufferAlignment);
    end_ = (end_ + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    return begin;
  }
  uint32_t text(std::string_view value) {
    const uint32_t begin = reserve(value.size() + 1, 1, 1);
    put(begin, value.data(), value.size());
    return begin;
  }
  uint32_t pointers(std::span<const uint32_t> values) {
    const uint32_t begin = reserve(values.size(), sizeof(uint32_t), kStructAlignment);
    put(begin, values.data(), values.size_bytes());
    return begin;
  }
  void put32(uint32_t offset, uint32_t value) { put(offset, &value, sizeof(value)); }
  void put64(uint32_t offset, uint64_t value) { put(offset, &value, sizeof(value)); }

 private:
  void put(uint32_t offset, const void* bytes, size_t count) {
    if (memory_ != nullptr && count > 0) std::memcpy(memory_ + offset, bytes, count);
  }

  uint8_t* memory_;
  uint64_t end_ = 0;
};

uint32_t write_schema(ArenaWriter& arena, std::string_view format, std::string_view name,
                      std::span<const uint32_t> children) {
  const uint32_t schema = arena.reserve(1, arrow_schema::size, kStructAlignment);
  arena.put32(schema + arrow_schema::format, arena.text(format));
  arena.put32(schema + arrow_schema::name, arena.text(name));
  arena.put64(schema + arrow_schema::n_children, children.size());
  arena.put32(schema + arrow_schema::children, arena.pointers(children));
  return schema;
}

uint32_t write_array(ArenaWriter& arena, uint64_t length, std::span<const uint32_t> buffers,
                     std::span<const uint32_t> children) {
  const uint32_t array = arena.reserve(1, arrow_array::size, kStructAlignment);
  arena.put64(array + arrow_array::length, length);
  arena.put64(array + arrow_array::n_buffers, buffers.size());
  arena.put64(array + arrow_array::n_children, children.size());
  arena.put32(array + arrow_array::buffers, arena.pointers(buffers));
  arena.put32(array + arrow_array::children, arena.pointers(children));
  return array;
}

// Structures of one column; no column has nulls, so every validity buffer is the null pointer.
struct Column {
  uint32_t schema;
  uint32_t array;
  ColumnOffsets offsets;
};

constexpr uint32_t kNoValidity = 0;

Column write_flat(ArenaWriter& arena, std::string_view format, std::string_view name, uint64_t rows, uint64_t bytes) {
  const uint32_t values = arena.buffer(rows, bytes);
  const uint32_t buffers[] = {kNoValidity, values};
  return {write_schema(arena, format, name, {}), write_array(arena, rows, buffers, {}), {.values = values}};
}

Column write_list(ArenaWriter& arena, const ColumnSpec& spec, uint64_t rows) {
  const Column item = write_flat(arena, "f", "item", spec.values, sizeof(float));
  const uint32_t offsets = arena.buffer(rows + 1, sizeof(int32_t));
  const uint32_t buffers[] = {kNoValidity, offsets};
  return {write_schema(arena, "+l", spec.name, {&item.schema, 1}),
          write_array(arena, rows, buffers, {&item.array, 1}),
          {.values = item.offsets.values, .list_offsets = offsets}};
}

Column write_fixed_size_list(ArenaWriter& arena, const ColumnSpec& spec, uint64_t rows) {
  const Column item = write_flat(arena, "g", "item", rows * spec.size, sizeof(double));
  const uint32_t buffers[] = {kNoValidity};
  return {write_schema(arena, "+w:" + std::to_string(spec.size), spec.name, {&item.schema, 1}),
          write_array(arena, rows, buffers, {&item.array, 1}), item.offsets};
}

Column write_column(ArenaWriter& arena, const ColumnSpec& spec, uint64_t rows) {
  switch (spec.type) {
    case ColumnType::int32:
      return write_flat(arena, "i", spec.name, rows, sizeof(int32_t));
    case ColumnType::float64:
      return write_flat(arena, "g", spec.name, rows, sizeof(double));
    case ColumnType::list_of_float32:
      return write_list(arena, spec, rows);
    case ColumnType::fixed_size_list_of_float64:
      return write_fixed_size_list(arena, spec, rows);
  }
  throw Error(ErrorCode::argument, "Expected a known column type for " + spec.name);
}

ArenaLayout lay_out(std::span<const ColumnSpec> specs, uint64_t rows, uint8_t* memory) {
  ArenaWriter arena(memory);
  ArenaLayout layout;
  std::vector<uint32_t> schemas;
  std::vector<uint32_t> arrays;
  for (const ColumnSpec& spec : specs) {
    if (spec.type == ColumnType::list_of_float32 && spec.values > std::numeric_limits<int32_t>::max()) {
      throw Error(ErrorCode::argument, "Expected fewer than 2^31 values in the list column " + spec.name +
                                           " but received " + std::to_string(spec.values) + "; split the rows");
    }
    const Column column = write_column(arena, spec, rows);
    schemas.push_back(column.schema);
    arrays.push_back(column.array);
    layout.columns.push_back(column.offsets);
  }
  layout.schema = write_schema(arena, "+s", "", schemas);
  const uint32_t buffers[] = {kNoValidity};
  layout.array = write_array(arena, rows, buffers, arrays);
  layout.bytes = arena.bytes();
  return layout;
}

}  // namespace

ArenaLayout plan_arena(std::span<const ColumnSpec> columns, uint64_t rows) {
  return lay_out(columns, rows, nullptr);
}

void write_arena(std::span<const ColumnSpec> columns, uint64_t rows, std::span<uint8_t> arena) {
  lay_out(columns, rows, arena.data());
}

}  // namespace llmap
