// Runs every test and prints how many checks there were; exit code 1 where one failed.
#include <exception>

#include "check.h"

namespace llmap::test {

namespace {
int checks = 0;
int failures = 0;
const char* current = "";
}  // namespace

std::vector<Test>& all_tests() {
  static std::vector<Test> tests;
  return tests;
}

void record(bool passed, const char* file, int line, const std::string& message) {
  ++checks;
  if (passed) return;
  ++failures;
  if (failures <= 20) std::printf("%s:%d: in %s: %s\n", file, line, current, message.c_str());
}

}  // namespace llmap::test

int main() {
  using namespace llmap::test;
  for (const Test& test : all_tests()) {
    current = test.name;
    try {
      test.run();
    } catch (const std::exception& error) {
      record(false, __FILE__, __LINE__, std::string("uncaught: ") + error.what());
    }
  }
  std::printf("%zu tests, %d checks, %d failed\n", all_tests().size(), checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}
