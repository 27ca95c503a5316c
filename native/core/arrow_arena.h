// A table in the Arrow C Data Interface, laid out in one block of memory (an arena) with offsets in place of pointers:
// the 32-bit (WebAssembly) layout that arrow-js-ffi reads. The block belongs to JavaScript, which frees it, so
// `release` is never called; JavaScript allocates it once the size is known.
//
// https://arrow.apache.org/docs/format/CDataInterface.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace llmap {

enum class ColumnType { int32, float64, list_of_float32, fixed_size_list_of_float64 };

struct ColumnSpec {
  std::string name;
  ColumnType type;
  uint64_t values = 0;  // list_of_float32: values over all rows
  uint64_t size = 0;    // fixed_size_list_of_float64: values per row
};

// Byte offsets of a column's buffers in the arena, each aligned to 64.
struct ColumnOffsets {
  uint32_t values = 0;
  uint32_t list_offsets = 0;  // the int32 offsets of a list column
};

struct ArenaLayout {
  uint64_t bytes = 0;   // size of the arena, under 4 GiB
  uint32_t schema = 0;  // offset of the ArrowSchema of the struct of all columns
  uint32_t array = 0;   // offset of its ArrowArray
  std::vector<ColumnOffsets> columns;
};

// Where everything goes. Throws ERR_ARGUMENT where the arena would reach 4 GiB, or a list has 2^31 values or more.
ArenaLayout plan_arena(std::span<const ColumnSpec> columns, uint64_t rows);

// Writes the structures into a zeroed arena of plan_arena()'s size; the columns' buffers stay zero.
void write_arena(std::span<const ColumnSpec> columns, uint64_t rows, std::span<uint8_t> arena);

}  // namespace llmap
