#include "service/access/token_authenticator.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/hash.h"
#include "service/base/logging.h"

namespace logexport {

absl::Status TokenAuthenticator::Load() {
  // Before the file, so that a change while it is read is seen as one.
  stamp_ = StampOf(path_);
  settled_ = !MayHideAChange(stamp_);
  absl::StatusOr<std::vector<KnownToken>> tokens = ReadTokenFile(path_);
  if (!tokens.ok()) return tokens.status();
  tokens_ = *std::move(tokens);
  return absl::OkStatus();
}

void TokenAuthenticator::Follow() {
  if (settled_ && StampOf(path_) == stamp_) return;
  const std::vector<KnownToken> before = tokens_;
  const absl::Status loaded = Load();
  if (loaded.ok()) {
    if (tokens_ != before) {
      LogInfo("the token file was read again",
              {{"tokens", static_cast<std::int64_t>(tokens_.size())}});
    }
    complaint_.clear();
    return;
  }
  // A file that is gone is the strongest way to say that no token counts any more. One that cannot
  // be used may be half written.
  const bool gone = absl::IsNotFound(loaded);
  if (gone) tokens_.clear();
  if (complaint_ == loaded.message()) return;
  complaint_ = std::string(loaded.message());
  LogError(gone ? "the token file is gone; no token is accepted until it is back"
                : "the token file has changed and cannot be used; the tokens stay as they were",
           {{"error", loaded}});
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
  const absl::string_view token = absl::StripAsciiWhitespace(value.substr(kScheme.size()));
  if (token.empty()) return Unauthenticated("the token is empty");
  const std::string digest = Sha256Hex(token);
  MutexLock lock(&mutex_);
  Follow();
  const KnownToken* known = nullptr;
  for (const KnownToken& candidate : tokens_) {
    if (EqualInConstantTime(candidate.sha256, digest)) known = &candidate;
  }
  if (known == nullptr) return Unauthenticated("the token is not known");
  return Identity{{known->name, /*verified=*/true}, known->role};
}

}  // namespace logexport
