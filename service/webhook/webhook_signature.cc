#include "service/webhook/webhook_signature.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/hash.h"

namespace logexport {
namespace {

std::string KeyOf(absl::string_view secret) {
  absl::string_view base64 = secret;
  std::string key;
  if (absl::ConsumePrefix(&base64, "whsec_") && absl::Base64Unescape(base64, &key) &&
      !key.empty()) {
    return key;
  }
  return std::string(secret);
}

}  // namespace

std::string WebhookSignature(absl::string_view secret, absl::string_view id, absl::Time time,
                             absl::string_view body) {
  const std::string hex =
      HmacSha256(KeyOf(secret)).Hex(absl::StrCat(id, ".", absl::ToUnixSeconds(time), ".", body));
  return absl::StrCat("v1,", absl::Base64Escape(absl::HexStringToBytes(hex)));
}

}  // namespace logexport
