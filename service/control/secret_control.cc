#include "service/control/secret_control.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "logexport/v1/secrets.pb.h"
#include "service/base/logging.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/config/secret_keys.h"
#include "service/config/secret_sealer.h"
#include "service/control/api_error.h"
#include "service/control/write_once.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

absl::Status KeyFileUnusable(absl::string_view message, absl::string_view key_id = "") {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "KEY_FILE_UNUSABLE";
  error.message = std::string(message);
  if (!key_id.empty()) error.metadata["key_id"] = std::string(key_id);
  error.precondition = {"KEY_FILE_UNUSABLE", "secret-key-file", error.message};
  return MakeApiError(error);
}

// What the store holds under which keys.
struct StoredUnder {
  std::map<std::string, std::int64_t> secrets;  // by key id
  std::vector<std::string> audit_keys;
};

absl::StatusOr<StoredUnder> ReadStored(Store& store) {
  StoredUnder stored;
  RETURN_IF_ERROR(store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(stored.secrets, tx.CountSecretsByKey());
    ASSIGN_OR_RETURN(stored.audit_keys, tx.AuditKeyIds());
    return absl::OkStatus();
  }));
  return stored;
}

// A file that lacks a key in use would make what is stored unreadable.
absl::Status CheckKeysAreThere(const KeyRing& ring, const StoredUnder& stored,
                               const std::string& path) {
  for (const auto& [id, count] : stored.secrets) {
    if (ring.Find(id) != nullptr) continue;
    return KeyFileUnusable(
        absl::StrCat("the key file ", path, " lacks the key ", Quoted(id), ", which ", count,
                     " stored secrets are encrypted with; put its line back, below the new one"),
        id);
  }
  for (const std::string& id : stored.audit_keys) {
    if (id.empty() || absl::StartsWith(id, "derived:") || ring.FindAuditKey(id).has_value()) {
      continue;
    }
    return KeyFileUnusable(absl::StrCat("the key file ", path, " lacks the key ", Quoted(id),
                                        ", which entries of the audit are signed with; put its "
                                        "line back: audit ",
                                        id, " BASE64"),
                           id);
  }
  return absl::OkStatus();
}

void FillKeys(const KeyRing& ring, const StoredUnder& stored, v1::RotateSecretsResponse* response) {
  response->set_key_id(ring.primary().id);
  response->set_audit_key_id(ring.AuditKey().id);
  std::int64_t all = 0;
  for (const auto& [id, count] : stored.secrets) all += count;
  response->set_secrets(all);
  for (const KeyRing::Key& key : ring.keys()) {
    const auto found = stored.secrets.find(key.id);
    v1::SecretKey* row = response->add_keys();
    row->set_key_id(key.id);
    row->set_secrets(found == stored.secrets.end() ? 0 : found->second);
    row->set_primary(key.id == ring.primary().id);
    // A derived key of the audit would go with it.
    const bool signs = std::find(stored.audit_keys.begin(), stored.audit_keys.end(),
                                 absl::StrCat("derived:", key.id)) != stored.audit_keys.end();
    if (row->secrets() == 0 && !row->primary() && !signs) response->add_unneeded_keys(key.id);
  }
}

std::int64_t UnderOtherKeys(const KeyRing& ring, const StoredUnder& stored) {
  std::int64_t others = 0;
  for (const auto& [id, count] : stored.secrets) {
    if (id != ring.primary().id) others += count;
  }
  return others;
}

absl::Status SomeUnreadable(const ResealedSecrets& resealed) {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "SECRET_UNREADABLE";
  error.message =
      absl::StrCat(resealed.count, " secrets were encrypted anew, but ", resealed.unreadable.size(),
                   " cannot be read: ", absl::StrJoin(resealed.unreadable, "; "),
                   "; keep their keys in the file until the secrets were sent again");
  error.metadata["field"] = absl::StrJoin(resealed.unreadable_fields, ",");
  return MakeApiError(error);
}

}  // namespace

absl::StatusOr<v1::RotateSecretsResponse> SecretControl::RotateSecrets(
    const v1::RotateSecretsRequest& request, const Caller& caller) {
  SecretKeys* const keys = environment_.protection.keys;
  const SecretSealer* const sealer = environment_.protection.sealer;
  if (keys == nullptr || sealer == nullptr) {
    return KeyFileUnusable("this service has no key file; its secrets are not encrypted");
  }
  const absl::Time now = TrustedNow(environment_.clock, environment_.components);
  v1::RotateSecretsResponse response;
  bool answered = false;
  if (!request.validate_only()) {
    RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(answered, IsAnswered(tx, now, request.request_id()));
      return absl::OkStatus();
    }));
  }
  std::vector<AuditedChange> changes;
  if (!answered) {
    const absl::StatusOr<KeyRing> read = keys->Read();
    if (!read.ok()) return KeyFileUnusable(read.status().message());
    ASSIGN_OR_RETURN(StoredUnder stored, ReadStored(environment_.store));
    RETURN_IF_ERROR(CheckKeysAreThere(*read, stored, keys->path()));
    if (request.validate_only()) {
      FillKeys(*read, stored, &response);
      response.set_rotated(UnderOtherKeys(*read, stored));
      return response;
    }
    const std::string key_before = keys->ring()->primary().id;
    // From here on new secrets are under the first key. What is stored under another one meanwhile
    // was begun before, and is found below: transactions that write come one after another.
    keys->Use(*read);
    ASSIGN_OR_RETURN(const ResealedSecrets resealed,
                     ResealSecrets(environment_.store, *sealer, *read));
    if (!resealed.unreadable.empty()) return SomeUnreadable(resealed);
    ASSIGN_OR_RETURN(stored, ReadStored(environment_.store));
    FillKeys(*read, stored, &response);
    response.set_rotated(resealed.count);
    changes = {{"key", key_before, read->primary().id},
               {"secrets", "", absl::StrCat(resealed.count, " encrypted anew")}};
  }
  ASSIGN_OR_RETURN(const bool ran,
                   WriteOnce(environment_.store, now, caller, request, &response, &changes,
                             [](Transaction&) { return absl::OkStatus(); }));
  if (ran) {
    LogInfo("secrets were encrypted with the first key of the key file",
            {{"key", response.key_id()},
             {"secrets", response.rotated()},
             {"requester", caller.name},
             {"reason", request.reason()}});
  }
  return response;
}

}  // namespace logexport
