#include "service/access/logins.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <openssl/rand.h>

#include "logexport/v1/login.pb.h"
#include "service/base/hash.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"

namespace logexport {
namespace {

// A session's end is moved on when it would be moved by this much.
constexpr absl::Duration kExtension = absl::Minutes(1);
constexpr std::size_t kSecretBytes = 32;

// Secrets say what they are, so that those who find one, people or scanners, know what to revoke.
struct KindText {
  Logins::Kind kind;
  absl::string_view name;    // in the store
  absl::string_view prefix;  // of the secret
};
constexpr std::array<KindText, 3> kKinds = {
    KindText{Logins::Kind::kCode, "CODE", "lxc_"},
    KindText{Logins::Kind::kSession, "SESSION", "lxs_"},
    KindText{Logins::Kind::kToken, "TOKEN", "lxt_"},
};
const KindText& TextOf(Logins::Kind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [kind](const KindText& text) { return text.kind == kind; });
}

absl::StatusOr<std::string> NewSecret(Logins::Kind kind) {
  std::array<unsigned char, kSecretBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return absl::InternalError("there is no randomness for a secret");
  }
  return absl::StrCat(
      TextOf(kind).prefix,
      absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

absl::Status Ended() {
  return Unauthenticated(
      "the login has ended, or was never there; log in again with `logexportctl open-console`, or "
      "make a token with `logexportctl create-login --bearer`");
}

absl::Status TooMany(const std::string& what) {
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "TOO_MANY_LOGINS";
  error.message = absl::StrCat(what, " have not ended yet; try again later");
  error.retry_after = Logins::kCodeLife;
  return MakeApiError(error);
}

absl::Status OnlyWithTheCredential() {
  ApiError error;
  error.code = absl::StatusCode::kPermissionDenied;
  error.reason = "LOGIN_NOT_ALLOWED";
  error.message =
      "a login cannot make further ones, or it would never end: show the token or certificate "
      "itself";
  return MakeApiError(error);
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

}  // namespace

void Logins::ServeAt(std::string url) {
  MutexLock lock(&mutex_);
  url_ = std::move(url);
}

std::optional<Logins::Kind> Logins::KindOf(absl::string_view secret) {
  for (const KindText& text : kKinds) {
    if (absl::StartsWith(secret, text.prefix)) return text.kind;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> Logins::Add(Transaction& tx, const Call& call, Kind kind,
                                        absl::Time expires) {
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(tx.PruneLogins(now));
  ASSIGN_OR_RETURN(const std::int64_t own, tx.CountLogins(call.caller.name));
  if (own >= kMostOfOne) return TooMany(absl::StrCat(kMostOfOne, " logins of this caller"));
  ASSIGN_OR_RETURN(const std::int64_t all, tx.CountLogins(""));
  if (all >= kMost) return TooMany(absl::StrCat(kMost, " logins"));
  ASSIGN_OR_RETURN(std::string secret, NewSecret(kind));
  LoginRecord login;
  login.secret_hash = Sha256Hex(secret);
  login.kind = std::string(TextOf(kind).name);
  login.caller = call.caller.name;
  login.verified = call.caller.verified;
  login.token_hash = call.credential.token_hash;
  if (call.credential.certificate.has_value()) {
    login.certificate_name = call.credential.certificate->name;
    login.certificate = call.credential.certificate->chain;
  }
  login.created = now;
  login.expires = expires;
  RETURN_IF_ERROR(tx.AddLogin(login));
  return secret;
}

absl::StatusOr<v1::CreateLoginResponse> Logins::CreateLogin(const v1::CreateLoginRequest& request,
                                                            const Call& call) {
  std::string url;
  {
    MutexLock lock(&mutex_);
    url = url_;
  }
  if (url.empty()) return HttpIsOff();
  if (call.by_login) return OnlyWithTheCredential();
  const Kind kind = request.bearer() ? Kind::kToken : Kind::kCode;
  const absl::Time expires = clock_.Now() + (request.bearer() ? kTokenLife : kCodeLife);
  std::string secret;
  RETURN_IF_ERROR(store_.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(secret, Add(tx, call, kind, expires));
    return RecordDone(tx, clock_.Now(), call.caller, request,
                      {{"login", "", request.bearer() ? "a token" : "a link"}});
  }));
  v1::CreateLoginResponse response;
  if (request.bearer()) {
    response.set_token(secret);
  } else {
    response.set_url(absl::StrCat(url, "/#code=", secret));
  }
  SetTime(expires, response.mutable_expire_time());
  response.mutable_caller()->set_name(call.caller.name);
  response.mutable_caller()->set_verified(call.caller.verified);
  response.set_role(call.role);
  return response;
}

absl::StatusOr<Logins::Session> Logins::BeginSession(const Call& call, absl::string_view code,
                                                     absl::string_view earlier) {
  Session session;
  const absl::Time now = clock_.Now();
  session.ends = now + kSessionLife;
  RETURN_IF_ERROR(store_.Write([&](Transaction& tx) -> absl::Status {
    if (!code.empty()) {
      ASSIGN_OR_RETURN(const bool was_there, tx.DeleteLogin(Sha256Hex(code)));
      if (!was_there) return Ended();
    }
    if (!earlier.empty()) RETURN_IF_ERROR(tx.DeleteLogin(Sha256Hex(earlier)).status());
    ASSIGN_OR_RETURN(session.secret, Add(tx, call, Kind::kSession, now + kSessionIdle));
    return RecordDone(tx, now, call.caller, AuditedCall{kLoginMethod, "", "", ""},
                      {{"session", "", code.empty() ? "begun with a token" : "begun with a code"}});
  }));
  return session;
}

absl::Status Logins::EndSession(const Call& call, absl::string_view secret) {
  return store_.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const bool was_there, tx.DeleteLogin(Sha256Hex(secret)));
    if (!was_there) return absl::OkStatus();
    return RecordDone(tx, clock_.Now(), call.caller, AuditedCall{kLogoutMethod, "", "", ""},
                      {{"session", "", "ended"}});
  });
}

absl::StatusOr<LoginRecord> Logins::Find(absl::string_view secret, Kind kind) {
  const std::string hash = Sha256Hex(secret);
  std::optional<LoginRecord> login;
  RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(login, tx.FindLogin(hash));
    return absl::OkStatus();
  }));
  const absl::Time now = clock_.Now();
  if (!login.has_value() || login->kind != TextOf(kind).name || login->expires <= now) {
    return Ended();
  }
  if (kind == Kind::kSession) {
    const absl::Time extended = std::min(now + kSessionIdle, login->created + kSessionLife);
    if (extended - login->expires >= kExtension) {
      // A store that cannot be written for the moment ends no session.
      const absl::Status moved =
          store_.Write([&](Transaction& tx) { return tx.ExtendLogin(hash, extended); });
      if (moved.ok()) login->expires = extended;
    }
  }
  return *std::move(login);
}

}  // namespace logexport
