// How many cores this process may use.
#pragma once

namespace llmap {

// Physical cores among the CPUs that the scheduler lets this process run on, bounded by the CPU quota of its control
// group (Linux); physical cores (macOS); logical CPUs where the system tells no more. At least 1. Physical, because two
// hardware threads of one core share the arithmetic units that decoding and the gather saturate.
int available_cores();

}  // namespace llmap
