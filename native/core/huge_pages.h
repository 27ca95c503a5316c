// Large buffers on large pages, for access patterns that leave the reach of the processor's page tables (a column of a
// large matrix touches a page per row).
#pragma once

#include <cstddef>
#include <memory>

namespace llmap {

// An uninitialised array of `count` values, on huge pages where Linux has them to give; elsewhere plain memory.
std::unique_ptr<double[]> allocate_on_huge_pages(size_t count);

}  // namespace llmap
