#include "service/config/secret_sealer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <google/protobuf/message.h>

#include "logexport/v1/config.pb.h"
#include "service/base/crash_point.h"
#include "service/base/logging.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/config/schema.h"
#include "service/config/secret_box.h"
#include "service/config/secret_source.h"
#include "service/config/serialization.h"

namespace logexport {
namespace {

constexpr absl::string_view kReference = "stored:";
constexpr int kResealedAtOnce = 50;

// Binds a box to its place: the length before each text keeps two places from looking the same.
std::string ContextOf(absl::string_view exporter, absl::string_view field, std::int64_t version) {
  return absl::StrCat(exporter.size(), ":", exporter, ",", field.size(), ":", field, ",", version);
}

absl::StatusOr<std::string> OpenStored(const KeyRing& ring, const SealedSecret& secret) {
  std::string box;
  if (!absl::Base64Unescape(secret.box, &box)) {
    return absl::DataLossError("the stored secret is damaged; send it again with UpdateConfig");
  }
  return OpenSecret(ring, ContextOf(secret.exporter, secret.field, secret.version), box);
}

absl::StatusOr<SealedSecret> SealNew(const KeyRing& ring, absl::string_view exporter,
                                     absl::string_view field, std::int64_t version,
                                     absl::string_view text) {
  ASSIGN_OR_RETURN(const std::string box,
                   SealSecret(ring, ContextOf(exporter, field, version), text));
  return SealedSecret{std::string(exporter), std::string(field), version, ring.primary().id,
                      absl::Base64Escape(box)};
}

void SetText(const ConfigField& field, std::string text, v1::ExporterConfig* config) {
  google::protobuf::Message* holder = MutableHolder(field, config);
  holder->GetReflection()->SetString(holder, &field.descriptor(), std::move(text));
}

const SealedSecret* FindVersion(const std::vector<SealedSecret>& known, absl::string_view field,
                                std::int64_t version) {
  for (const SealedSecret& secret : known) {
    if (secret.field == field && secret.version == version) return &secret;
  }
  return nullptr;
}

}  // namespace

SecretSealer::SecretSealer(const SecretKeys& keys) : keys_(keys) {}

absl::StatusOr<ConfigSealer::Sealed> SecretSealer::Seal(
    absl::string_view exporter, absl::string_view text,
    const std::vector<SealedSecret>& known) const {
  ASSIGN_OR_RETURN(v1::ExporterConfig config, ParseStoredConfig(text));
  const std::shared_ptr<const KeyRing> ring = keys_.ring();
  Sealed sealed;
  for (const ConfigField& field : ConfigFields()) {
    if (!field.secret || !IsSet(config, field)) continue;
    const std::string literal = TextOf(config, field);
    if (literal.empty() || ParseSecretSource(literal).reference()) continue;
    std::int64_t version = 0;
    std::int64_t newest = 0;
    for (const SealedSecret& secret : known) {
      if (secret.field != field.path) continue;
      newest = std::max(newest, secret.version);
      // One that cannot be opened is another secret for all we know.
      const absl::StatusOr<std::string> value = OpenStored(*ring, secret);
      if (value.ok() && *value == literal) version = secret.version;
    }
    if (version == 0) {
      version = newest + 1;
      ASSIGN_OR_RETURN(SealedSecret fresh, SealNew(*ring, exporter, field.path, version, literal));
      sealed.fresh.push_back(std::move(fresh));
    }
    SetText(field, absl::StrCat(kReference, version), &config);
  }
  sealed.config = SerializeConfig(config);
  return sealed;
}

bool SecretSealer::IsSealed(absl::string_view config) const {
  return absl::StrContains(config, absl::StrCat("\"", kReference));
}

absl::StatusOr<std::string> SecretSealer::Open(absl::string_view exporter, absl::string_view text,
                                               const std::vector<SealedSecret>& known) const {
  if (!IsSealed(text)) return std::string(text);
  ASSIGN_OR_RETURN(v1::ExporterConfig config, ParseStoredConfig(text));
  const std::shared_ptr<const KeyRing> ring = keys_.ring();
  for (const ConfigField& field : ConfigFields()) {
    if (!field.secret) continue;
    const std::string stored = TextOf(config, field);
    absl::string_view number = stored;
    std::int64_t version = 0;
    if (!absl::ConsumePrefix(&number, kReference) || !absl::SimpleAtoi(number, &version)) continue;
    const auto fail = [&](const absl::Status& why) {
      return absl::Status(
          why.code(), absl::StrCat("exporter ", exporter, ": ", field.path, ": ", why.message()));
    };
    const SealedSecret* secret = FindVersion(known, field.path, version);
    if (secret == nullptr) return fail(absl::DataLossError("the stored secret is missing"));
    absl::StatusOr<std::string> value = OpenStored(*ring, *secret);
    if (!value.ok()) return fail(value.status());
    SetText(field, *std::move(value), &config);
  }
  return SerializeConfig(config);
}

absl::StatusOr<SealedSecret> SecretSealer::Reseal(const SealedSecret& secret) const {
  return ResealFrom(*this, secret);
}

absl::StatusOr<SealedSecret> SecretSealer::ResealFrom(const SecretSealer& source,
                                                      const SealedSecret& secret) const {
  ASSIGN_OR_RETURN(const std::string text, OpenStored(*source.keys_.ring(), secret));
  return SealNew(*keys_.ring(), secret.exporter, secret.field, secret.version, text);
}

namespace {

// A key for the audit where the service keeps its own file, and the keys of the entries there are.
absl::Status PrepareAuditKeys(Store& store, SecretKeys& keys, bool may_create) {
  if (!keys.ring()->has_audit_key()) {
    const absl::Status added =
        may_create ? keys.AddAuditKey() : absl::UnavailableError("the file is somebody else's");
    if (!added.ok()) {
      LogWarning(
          "the key file has no key for the audit, which is signed with one that is derived from "
          "the first key and can be verified only while that stays in the file; add a line: "
          "audit ID BASE64",
          {{"key_file", keys.path()}, {"error", added.message()}});
    }
  }
  std::vector<std::string> needed;
  RETURN_IF_ERROR(store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(needed, tx.AuditKeyIds());
    return absl::OkStatus();
  }));
  for (const std::string& id : needed) {
    if (id.empty() || keys.ring()->FindAuditKey(id).has_value()) continue;
    // A derived key goes with the key for secrets, which may be removed after a rotation.
    if (absl::StartsWith(id, "derived:")) {
      LogWarning(
          "entries of the audit are signed with a key that is no longer in the key file and "
          "cannot be verified",
          {{"key", id}, {"key_file", keys.path()}});
      continue;
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "entries of the audit are signed with the key ", Quoted(id), ", which the key file ",
        keys.path(), " does not have; add its line to the file: audit ", id, " BASE64"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareSecrets(Store& store, SecretKeys& keys, const SecretSealer& sealer,
                            bool may_create) {
  std::vector<std::string> needed;
  RETURN_IF_ERROR(store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(needed, tx.SecretKeyIds());
    return absl::OkStatus();
  }));
  absl::Status loaded = keys.Load();
  if (absl::IsNotFound(loaded) && may_create && needed.empty()) {
    RETURN_IF_ERROR(keys.Create());
    LogInfo("a key file for the secrets in the store was made; back it up apart from the store",
            {{"file", keys.path()}, {"key", keys.ring()->primary().id}});
    loaded = absl::OkStatus();
  }
  if (absl::IsNotFound(loaded) && !needed.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        loaded.message(), ", but the secrets in the store are encrypted with the key ",
        Quoted(needed.front()), "; put the file back, or name it with --secret-key-file"));
  }
  RETURN_IF_ERROR(loaded);
  for (const std::string& id : needed) {
    if (keys.ring()->Find(id) != nullptr) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "secrets in the store are encrypted with the key ", Quoted(id), ", which the key file ",
        keys.path(), " does not have; add its line to the file"));
  }
  LogInfo("secrets in the store are encrypted",
          {{"key_file", keys.path()}, {"key", keys.ring()->primary().id}});
  RETURN_IF_ERROR(PrepareAuditKeys(store, keys, may_create));
  RETURN_IF_ERROR(store.SealLiterals());
  ASSIGN_OR_RETURN(const ResealedSecrets resealed, ResealSecrets(store, sealer, *keys.ring()));
  for (const std::string& secret : resealed.unreadable) {
    LogError("a stored secret cannot be read", {{"secret", secret}});
  }
  if (resealed.count > 0) {
    LogInfo("secrets were encrypted with another key and are now under the first one",
            {{"secrets", resealed.count}, {"key", keys.ring()->primary().id}});
  }
  return absl::OkStatus();
}

absl::StatusOr<ResealedSecrets> ResealSecrets(Store& store, const SecretSealer& sealer,
                                              const KeyRing& ring) {
  constexpr std::size_t kMostNamed = 10;
  ResealedSecrets total;
  SealedSecret after;
  for (;;) {
    std::vector<SealedSecret> old;
    std::int64_t resealed = 0;
    RETURN_IF_ERROR(store.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(old, tx.SecretsUnderOtherKeys(ring.primary().id, kResealedAtOnce, after));
      for (const SealedSecret& secret : old) {
        const absl::StatusOr<SealedSecret> fresh = sealer.Reseal(secret);
        if (!fresh.ok()) {
          // One that is damaged must not keep the others under the old key.
          if (total.unreadable.size() == kMostNamed) continue;
          total.unreadable.push_back(absl::StrCat("exporter ", secret.exporter, ": ", secret.field,
                                                  ": ", fresh.status().message()));
          total.unreadable_fields.push_back(secret.field);
          continue;
        }
        RETURN_IF_ERROR(tx.ReplaceSecret(*fresh));
        ++resealed;
      }
      return absl::OkStatus();
    }));
    CrashPoint("after_reseal");
    if (old.empty()) return total;
    total.count += resealed;
    after = old.back();
  }
}

}  // namespace logexport
