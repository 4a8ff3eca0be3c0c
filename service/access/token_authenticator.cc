#include "service/access/token_authenticator.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/access/bearer_token.h"
#include "service/base/hash.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"

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

absl::StatusOr<Identity> TokenAuthenticator::FindToken(const std::string& digest) {
  MutexLock lock(&mutex_);
  Follow();
  const KnownToken* known = nullptr;
  for (const KnownToken& candidate : tokens_) {
    if (EqualInConstantTime(candidate.sha256, digest)) known = &candidate;
  }
  if (known == nullptr) return Unauthenticated("the token is not known");
  return Identity{{known->name, /*verified=*/true}, known->role, {digest, std::nullopt}};
}

absl::StatusOr<Identity> TokenAuthenticator::Identify(const IncomingCall& call) {
  ASSIGN_OR_RETURN(const absl::string_view token, BearerTokenOf(call));
  return FindToken(Sha256Hex(token));
}

absl::StatusOr<Identity> TokenAuthenticator::IdentifyAgain(const Caller& caller,
                                                           const Credential& credential) {
  ASSIGN_OR_RETURN(Identity identity, FindToken(credential.token_hash));
  // The token may be somebody else's by now.
  if (identity.caller.name != caller.name) return Unauthenticated("the token is not known");
  return identity;
}

}  // namespace logexport
