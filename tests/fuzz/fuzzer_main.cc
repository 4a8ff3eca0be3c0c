// The entry of libFuzzer; which target it drives is set by the build.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const logexport::FuzzTarget& target : logexport::FuzzTargets()) {
    if (absl::string_view(target.name) == LOGEXPORT_FUZZ_TARGET) {
      logexport::RunFuzzTarget(target,
                               absl::string_view(reinterpret_cast<const char*>(data), size));
    }
  }
  return 0;
}
