// The one function of libgfortran that the LAPACK routines in lapack.h call, where OpenBLAS was compiled from Fortran.
// With it a release needs neither libgfortran nor libquadmath inside, whose input and output would come along, and
// their licences.
#include <cstddef>
#include <cstring>

// destination = left // right, as Fortran has it: cut to its length, or filled up with blanks.
extern "C" void _gfortran_concat_string(size_t length, char* destination, size_t left_length, const char* left,
                                        size_t right_length, const char* right) {
  const size_t from_left = left_length < length ? left_length : length;
  const size_t room = length - from_left;
  const size_t from_right = right_length < room ? right_length : room;
  std::memcpy(destination, left, from_left);
  std::memcpy(destination + from_left, right, from_right);
  std::memset(destination + from_left + from_right, ' ', room - from_right);
}
