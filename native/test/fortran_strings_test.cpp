// Concatenation as Fortran has it: cut to the length of the result, or filled up with blanks.
#include <cstddef>
#include <string>
#include <string_view>

#include "check.h"

extern "C" void _gfortran_concat_string(size_t length, char* destination, size_t left_length, const char* left,
                                        size_t right_length, const char* right);

namespace {

std::string concatenated(size_t length, std::string_view left, std::string_view right) {
  std::string result(length, '?');
  _gfortran_concat_string(length, result.data(), left.size(), left.data(), right.size(), right.data());
  return result;
}

}  // namespace

TEST(fortran_concatenation_fits_the_result) {
  CHECK(concatenated(2, "L", "T") == "LT");
  CHECK(concatenated(5, "L", "TX") == "LTX  ");
  CHECK(concatenated(2, "L", "TX") == "LT");
  CHECK(concatenated(2, "LRN", "T") == "LR");
  CHECK(concatenated(3, "", "T") == "T  ");
  CHECK(concatenated(0, "L", "T").empty());
}
