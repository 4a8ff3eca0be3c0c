#include "service/config/update.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/spelling.h"
#include "service/config/schema.h"
#include "service/config/secret_source.h"

namespace logexport {
namespace {

enum class MaskKind { kFieldsSet, kEverything, kNamed };

struct Mask {
  MaskKind kind = MaskKind::kFieldsSet;
  std::vector<std::string> paths;
};

bool Names(const Mask& mask, const ConfigField& field) {
  return std::any_of(mask.paths.begin(), mask.paths.end(), [&](const std::string& path) {
    return path == field.path || absl::StartsWith(field.path, path + ".");
  });
}

Mask ReadMask(const std::vector<std::string>& paths, std::vector<ConfigViolation>* violations) {
  Mask mask;
  if (paths.empty()) return mask;
  if (std::find(paths.begin(), paths.end(), "*") != paths.end()) {
    mask.kind = MaskKind::kEverything;
    return mask;
  }
  mask.kind = MaskKind::kNamed;
  const std::vector<std::string> known = ConfigPaths();
  for (const std::string& path : paths) {
    if (std::find(known.begin(), known.end(), path) != known.end()) {
      mask.paths.push_back(path);
    } else {
      violations->push_back(MakeViolation(
          "update_mask", absl::StrCat("unknown path ", Quoted(path), DidYouMeanField(path))));
    }
  }
  return mask;
}

bool IsDerived(const ConfigField& field) {
  return field.path == "auth0.audience" || field.path == "auth0.base_url";
}

// Whether the caller only sends back a default that GetConfig showed.
bool IsEcho(const ConfigField& field, MaskKind mask, const v1::ExporterConfig& stored,
            const v1::ExporterConfig& shown, const v1::ExporterConfig& incoming) {
  if (IsSet(stored, field) || !IsSet(incoming, field)) return false;
  const bool considered =
      mask == MaskKind::kEverything || (mask == MaskKind::kFieldsSet && IsDerived(field));
  return considered && SameValue(shown, incoming, field);
}

}  // namespace

ConfigUpdate ApplyUpdate(const v1::ExporterConfig& stored, const v1::ExporterConfig& incoming,
                         const std::vector<std::string>& mask_paths) {
  ConfigUpdate update;
  const Mask mask = ReadMask(mask_paths, &update.violations);
  const v1::ExporterConfig shown = WithDefaults(stored);
  update.config = stored;
  for (const ConfigField& field : ConfigFields()) {
    const bool named =
        mask.kind == MaskKind::kEverything ||
        (mask.kind == MaskKind::kNamed ? Names(mask, field) : IsSet(incoming, field));
    if (!named) continue;
    if (field.input_only) {
      if (!incoming.start_from().empty()) {
        update.start_from = incoming.start_from();
      } else if (mask.kind == MaskKind::kNamed) {
        update.violations.push_back(MakeViolation(
            field.path,
            "is named in the update mask but not set; write earliest, latest, a time, a date or "
            "the id of a log"));
      }
      continue;
    }
    if (field.secret && TextOf(incoming, field) == kMaskedSecret) {
      if (!IsSet(stored, field)) {
        update.violations.push_back(
            MakeViolation(field.path, absl::StrCat("is ", kMaskedSecret,
                                                   ", which stands for a stored secret, but none "
                                                   "is stored; send the secret itself")));
      }
      continue;
    }
    if (IsEcho(field, mask.kind, stored, shown, incoming)) continue;
    if (field.secret && IsSet(incoming, field)) update.given_secrets.insert(field.path);
    CopyField(incoming, field, &update.config);
  }
  Normalize(&update.config);
  update.changed_fields = ChangedFields(stored, update.config);
  return update;
}

}  // namespace logexport
