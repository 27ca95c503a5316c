#include "tridiagonal.h"

#include <cstdint>

#include "lapack.h"

namespace llmap {

namespace {

// OpenBLAS's dsymv for processors without AVX2 (0.3.21, "Prescott", also its choice for some it does not know) reads up
// to four numbers beyond the vectors that dsytrd gives it, which end where `scales_` and `work` do.
constexpr size_t kReadBeyond = 16;

}  // namespace

TridiagonalForm::TridiagonalForm(std::span<double> matrix, size_t size)
    : reflectors_(matrix), size_(size), diagonal_(size), off_diagonal_(size), scales_(size + kReadBeyond) {
  const auto n = static_cast<int32_t>(size);
  const auto reduce = [&](double* work, int32_t room) {
    int32_t info = 0;
    dsytrd_("L", &n, matrix.data(), &n, diagonal_.data(), off_diagonal_.data(), scales_.data(), work, &room,
            &info LLMAP_LETTERS(1));
    check_lapack(info, "dsytrd");
  };
  double wanted = 0;
  reduce(&wanted, -1);
  std::vector<double> work(static_cast<size_t>(wanted) + kReadBeyond);
  reduce(work.data(), static_cast<int32_t>(wanted));
}

void TridiagonalForm::apply(const char* transpose, std::span<double> vectors, size_t count) const {
  const auto n = static_cast<int32_t>(size_);
  const auto columns = static_cast<int32_t>(count);
  const auto multiply = [&](double* work, int32_t room) {
    int32_t info = 0;
    dormtr_("L", "L", transpose, &n, &columns, reflectors_.data(), &n, scales_.data(), vectors.data(), &n, work, &room,
            &info LLMAP_LETTERS(1, 1, 1));
    check_lapack(info, "dormtr");
  };
  double wanted = 0;
  multiply(&wanted, -1);
  std::vector<double> work(static_cast<size_t>(wanted));
  multiply(work.data(), static_cast<int32_t>(wanted));
}

void TridiagonalForm::solve(double shift, std::span<double> b) const {
  std::vector<double> diagonal = diagonal_;
  std::vector<double> off_diagonal = off_diagonal_;
  for (double& value : diagonal) value += shift;
  const auto n = static_cast<int32_t>(size_);
  const int32_t one = 1;
  int32_t info = 0;
  dptsv_(&n, &one, diagonal.data(), off_diagonal.data(), b.data(), &n, &info);
  check_lapack(info, "dptsv");
}

}  // namespace llmap
