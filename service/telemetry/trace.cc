#include "service/telemetry/trace.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace logexport {
namespace {

// Lower-case hex of `bytes` bytes, not all of them zero; else empty.
std::string IdOf(absl::string_view hex, std::size_t bytes) {
  if (hex.size() != 2 * bytes) return "";
  bool zero = true;
  for (const char c : hex) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c)) ||
        absl::ascii_isupper(static_cast<unsigned char>(c))) {
      return "";
    }
    zero = zero && c == '0';
  }
  return zero ? "" : absl::HexStringToBytes(hex);
}

}  // namespace

std::string TraceContext::trace_hex() const { return absl::BytesToHexString(trace_id); }
std::string TraceContext::span_hex() const { return absl::BytesToHexString(span_id); }

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  // 00-TRACE-SPAN-FLAGS; a later version may have more behind that.
  const std::vector<absl::string_view> parts = absl::StrSplit(header, '-');
  if (header.size() > 512 || parts.size() < 4 || parts[0].size() != 2 || parts[0] == "ff" ||
      parts[3].size() != 2) {
    return std::nullopt;
  }
  if (parts[0] == "00" && parts.size() != 4) return std::nullopt;
  for (const absl::string_view hex : {parts[0], parts[3]}) {
    for (const char c : hex) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c)) ||
          absl::ascii_isupper(static_cast<unsigned char>(c))) {
        return std::nullopt;
      }
    }
  }
  TraceContext context{IdOf(parts[1], 16), IdOf(parts[2], 8), false};
  if (context.trace_id.empty() || context.span_id.empty()) return std::nullopt;
  context.sampled = (absl::HexStringToBytes(parts[3])[0] & 1) != 0;
  return context;
}

}  // namespace logexport
