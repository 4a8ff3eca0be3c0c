#include "service/copy_state.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/clock.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/key_ring.h"
#include "service/config/secret_keys.h"
#include "service/config/secret_sealer.h"
#include "service/state/engines/copy_store.h"
#include "service/state/engines/open_store.h"

namespace logexport {
namespace {

int RefuseCopy(int status, absl::string_view what, const absl::Status& why) {
  LogError(what, {{"error", why.message()}});
  return status;
}

// The audit is copied as it was signed, and a service without its key would not start.
absl::Status CheckAuditKeys(Store& source, const KeyRing& ring, const std::string& path) {
  return source.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> needed, tx.AuditKeyIds());
    for (const std::string& id : needed) {
      if (id.empty() || absl::StartsWith(id, "derived:") || ring.FindAuditKey(id).has_value()) {
        continue;
      }
      return absl::FailedPreconditionError(
          absl::StrCat("entries of the audit are signed with the key ", id, ", which the key file ",
                       path, " does not have; copy its line (audit ", id,
                       " …) from the key file of the state to be copied"));
    }
    return absl::OkStatus();
  });
}

}  // namespace

// What a refused state means for whoever started the service: is there something to correct, or
// only to wait for?
int ExitOfState(const absl::Status& status, bool shared) {
  switch (status.code()) {
    case absl::StatusCode::kAborted:
      return kExitStateHeld;
    case absl::StatusCode::kInvalidArgument:
      return kExitBadSettings;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return shared ? kExitBadSettings : kExitFailed;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return shared ? kExitStateHeld : kExitFailed;
    default:
      return kExitFailed;
  }
}

int CopyState(const ServerOptions& options) {
  absl::string_view path = options.copy_state;
  if (!absl::ConsumePrefix(&path, "sqlite:") || path.empty() || !IsSharedStore(options.state)) {
    return RefuseCopy(kExitBadSettings, "cannot copy the state",
                      absl::InvalidArgumentError(
                          "--copy-state takes sqlite:FILE, and --state the database to copy it to: "
                          "postgresql://USER@HOST/DATABASE"));
  }
  if (options.secret_key_file.empty()) {
    return RefuseCopy(kExitBadSettings, "cannot copy the state",
                      absl::InvalidArgumentError(
                          "--secret-key-file is missing: the key file that the service on the "
                          "database will be started with"));
  }
  SecretKeys keys(options.secret_key_file);
  if (const absl::Status loaded = keys.Load(); !loaded.ok()) {
    return RefuseCopy(kExitBadSettings, "cannot use --secret-key-file", loaded);
  }
  const SecretSealer sealer(keys);

  const bool own_key_file = options.from_key_file.empty();
  SecretKeys source_keys(own_key_file ? KeyFileBeside(options.copy_state) : options.from_key_file);
  const SecretSealer source_sealer(source_keys);
  // A file that is not there is a mistake; opening it would make one.
  std::FILE* const file = std::fopen(std::string(path).c_str(), "r");
  if (file == nullptr) {
    return RefuseCopy(kExitBadSettings, "cannot use the state to be copied",
                      absl::NotFoundError(absl::StrCat("cannot read the file ", path)));
  }
  std::fclose(file);
  // Holds the file, and brings it up to date.
  const absl::StatusOr<std::unique_ptr<Store>> source =
      OpenStore({options.copy_state, {}, &source_sealer}, RealClock());
  if (!source.ok()) {
    return RefuseCopy(ExitOfState(source.status(), false), "cannot use the state to be copied",
                      source.status());
  }
  if (const absl::Status ready = PrepareSecrets(**source, source_keys, source_sealer, own_key_file);
      !ready.ok()) {
    return RefuseCopy(kExitBadSettings, "cannot use the secrets in the state to be copied", ready);
  }
  if (const absl::Status known = CheckAuditKeys(**source, *keys.ring(), keys.path()); !known.ok()) {
    return RefuseCopy(kExitBadSettings, "cannot copy the state", known);
  }
  const absl::StatusOr<std::vector<CopiedTable>> copied = CopyStore(
      {std::string(path), options.state,
       [&](const SealedSecret& secret) { return sealer.ResealFrom(source_sealer, secret); },
       RealClock().Now()});
  if (!copied.ok()) {
    return RefuseCopy(ExitOfState(copied.status(), true), "cannot copy the state", copied.status());
  }
  for (const CopiedTable& table : *copied) {
    std::printf("%-20s %lld\n", table.name.c_str(), static_cast<long long>(table.rows));
  }
  std::printf("copied to %s; start the service on it\n", ShownStoreUrl(options.state).c_str());
  return kExitOk;
}

}  // namespace logexport
