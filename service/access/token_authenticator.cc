#include "service/access/token_authenticator.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/hash.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"

namespace logexport {

absl::Status TokenAuthenticator::Load() {
  // Before the file, so that a change while it is read is seen as one.
  stamp_ = StampOf(path_);
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path_));
  absl::StatusOr<std::vector<KnownToken>> tokens = ParseTokenFile(content.str());
  if (!tokens.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path_, ": ", tokens.status().message()));
  }
  tokens_ = *std::move(tokens);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TokenAuthenticator>> TokenAuthenticator::Create(
    const std::string& path) {
  std::unique_ptr<TokenAuthenticator> made(new TokenAuthenticator(path));
  MutexLock lock(&made->mutex_);
  if (const absl::Status loaded = made->Load(); !loaded.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--auth-token-file: ", loaded.message()));
  }
  return made;
}

absl::StatusOr<Identity> TokenAuthenticator::Identify(const IncomingCall& call) {
  if (!call.authorization.has_value()) {
    return Unauthenticated("no token was sent; send `authorization: Bearer TOKEN`");
  }
  const absl::string_view value = *call.authorization;
  constexpr absl::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(value, kScheme)) {
    return Unauthenticated("the authorization is not of the form `Bearer TOKEN`");
  }
  const std::string digest = Sha256Hex(absl::StripAsciiWhitespace(value.substr(kScheme.size())));
  MutexLock lock(&mutex_);
  if (!(StampOf(path_) == stamp_)) {
    if (const absl::Status loaded = Load(); !loaded.ok()) {
      LogError("the token file has changed and cannot be used; the tokens stay as they were",
               {{"error", loaded}});
    } else {
      LogInfo("the token file was read again",
              {{"tokens", static_cast<std::int64_t>(tokens_.size())}});
    }
  }
  const KnownToken* known = nullptr;
  for (const KnownToken& token : tokens_) {
    if (EqualInConstantTime(token.sha256, digest)) known = &token;
  }
  if (known == nullptr) return Unauthenticated("the token is not known");
  return Identity{{known->name, /*verified=*/true}, known->role};
}

}  // namespace logexport
