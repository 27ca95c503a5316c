#include "huge_pages.h"

#ifdef __linux__
#include <sys/mman.h>

#include <cstdint>
#endif

namespace llmap {

std::unique_ptr<double[]> allocate_on_huge_pages(size_t count) {
  auto values = std::make_unique_for_overwrite<double[]>(count);
#ifdef __linux__
  // Advice for the whole pages in between, before they are first touched; without effect where the system knows none.
  constexpr uintptr_t kPage = uintptr_t{1} << 21;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(values.get()) + kPage - 1) & ~(kPage - 1);
  const uintptr_t end = reinterpret_cast<uintptr_t>(values.get() + count) & ~(kPage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
  return values;
}

}  // namespace llmap
