#include "available_cores.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace llmap {

namespace {

#if defined(__linux__)

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Distinct cores among the CPUs in the affinity mask; each hardware thread counts as one where the topology is unknown.
int cores_by_affinity() {
  constexpr int kMaximumCpus = 8192;
  cpu_set_t* set = CPU_ALLOC(kMaximumCpus);
  if (set == nullptr) return 0;
  const size_t bytes = CPU_ALLOC_SIZE(kMaximumCpus);
  std::set<std::string> cores;
  if (sched_getaffinity(0, bytes, set) == 0) {
    for (int cpu = 0; cpu < kMaximumCpus; ++cpu) {
      if (!CPU_ISSET_S(cpu, bytes, set)) continue;
      // The list of hardware threads of this CPU's core, the same text for all of them.
      const std::string siblings =
          first_line("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
      cores.insert(siblings.empty() ? "cpu" + std::to_string(cpu) : siblings);
    }
  }
  CPU_FREE(set);
  return static_cast<int>(cores.size());
}

// CPUs per period granted by one control group; infinity where it sets no limit.
double quota_v2(const std::filesystem::path& group) {
  std::istringstream line(first_line(group / "cpu.max"));
  double quota = 0;
  double period = 0;
  return line >> quota >> period && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

double quota_v1(const std::filesystem::path& group) {
  std::istringstream quota_line(first_line(group / "cpu.cfs_quota_us"));
  std::istringstream period_line(first_line(group / "cpu.cfs_period_us"));
  double quota = 0;
  double period = 0;
  if (!(quota_line >> quota && period_line >> period) || quota <= 0 || period <= 0) {
    return std::numeric_limits<double>::infinity();
  }
  return quota / period;
}

// The smallest quota of a group and its ancestors up to `root`, which is also where a container sees its own group.
double smallest_quota(const std::filesystem::path& root, const std::string& group,
                      double (*quota)(const std::filesystem::path&)) {
  double smallest = quota(root);
  std::filesystem::path path = root;
  for (const auto& part : std::filesystem::path(group).relative_path()) {
    path /= part;
    smallest = std::min(smallest, quota(path));
  }
  return smallest;
}

double cores_by_quota() {
  double smallest = std::numeric_limits<double>::infinity();
  std::ifstream groups("/proc/self/cgroup");
  // Lines of the form id:controllers:path; id 0 with no controllers is version 2.
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup", path, quota_v2));
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
      smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup/cpu", path, quota_v1));
    }
  }
  return smallest;
}

int physical_cores() {
  const int by_affinity = cores_by_affinity();
  const double quota = std::floor(cores_by_quota());
  return quota < by_affinity ? static_cast<int>(quota) : by_affinity;
}

#elif defined(__APPLE__)

int physical_cores() {
  int cores = 0;
  size_t size = sizeof(cores);
  return sysctlbyname("hw.physicalcpu", &cores, &size, nullptr, 0) == 0 ? cores : 0;
}

#else

int physical_cores() {
  return static_cast<int>(std::thread::hardware_concurrency());
}

#endif

}  // namespace

int available_cores() {
  return std::max(1, physical_cores());
}

}  // namespace llmap
