#include "service/api/token_authenticator.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "service/base/hash.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

absl::Status Unauthenticated(absl::string_view message) {
  ApiError error;
  error.code = absl::StatusCode::kUnauthenticated;
  error.reason = "UNAUTHENTICATED";
  error.message = std::string(message);
  return MakeApiError(error);
}

v1::Role ParseRole(absl::string_view name) {
  if (name == "viewer") return v1::ROLE_VIEWER;
  if (name == "operator") return v1::ROLE_OPERATOR;
  if (name == "admin") return v1::ROLE_ADMIN;
  return v1::ROLE_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<std::vector<KnownToken>> ParseTokenFile(absl::string_view text) {
  std::vector<KnownToken> tokens;
  std::vector<std::string> problems;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view content = absl::StripAsciiWhitespace(line);
    if (content.empty() || content.front() == '#') continue;
    const std::vector<std::string> parts =
        absl::StrSplit(content, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const auto problem = [&](absl::string_view what) {
      problems.push_back(absl::StrCat("line ", number, ": ", what));
    };
    if (parts.size() != 3) {
      problem("is not NAME ROLE SHA256");
      continue;
    }
    KnownToken token{parts[0], ParseRole(parts[1]), absl::AsciiStrToLower(parts[2])};
    if (token.role == v1::ROLE_UNSPECIFIED) problem("the role is viewer, operator or admin");
    if (token.sha256.size() != 64 ||
        !std::all_of(token.sha256.begin(), token.sha256.end(), absl::ascii_isxdigit)) {
      problem("the third word is not a SHA-256 digest of 64 hex digits");
    }
    tokens.push_back(std::move(token));
  }
  if (tokens.empty() && problems.empty()) problems.push_back("it names no token");
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  return tokens;
}

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

absl::StatusOr<Identity> TokenAuthenticator::Identify(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto header = metadata.find("authorization");
  if (header == metadata.end()) {
    return Unauthenticated("no token was sent; send `authorization: Bearer TOKEN`");
  }
  absl::string_view value(header->second.data(), header->second.size());
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
