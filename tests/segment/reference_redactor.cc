#include "tests/segment/reference_redactor.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/hash.h"
#include "service/base/snake_case.h"
#include "service/json/json_value.h"
#include "service/segment/privacy/covered_values.h"
#include "service/segment/privacy/mask.h"
#include "service/segment/privacy/privacy_path.h"
#include "service/segment/privacy/privacy_preset.h"
#include "tests/segment/reference_values.h"

namespace logexport {
namespace {

constexpr std::size_t kLeastDigits = 5;
constexpr std::size_t kLeastInheritedBytes = 4;

template <typename Goes>
void EraseIf(JsonValue* node, Goes goes) {
  auto& children = node->children;
  children.erase(std::remove_if(children.begin(), children.end(), goes), children.end());
}

// The fields of a log whose own names, and those of all that is in them, are always Auth0's:
// somebody called "city" must not make columns of `city_name`.
bool IsNamedByAuth0(absl::string_view key) {
  return key == "auth0_client" || key == "location_info" || key == "references" ||
         key == "security_context" || key == "isMobile" || key == "$event_schema";
}

// The redaction of one log, in two passes: the rules are applied and what they cover is noted, then
// all that was noted is looked for in what is left.
class Redaction {
 public:
  Redaction(const PrivacySettings& settings, const Log& log, HmacSha256* hmac)
      : settings_(settings), log_(log), hmac_(*hmac) {}

  void Apply(JsonValue* log, JsonValue* profile) {
    in_log_ = true;
    VisitMembers(log, std::nullopt, settings_.allow_only.empty());
    in_log_ = false;
    if (profile != nullptr) {
      path_ = {"profile"};
      if (!Visit(profile, std::nullopt, settings_.allow_only.empty())) profile->children.clear();
      path_.clear();
    }
    for (const absl::string_view id : {"user_id", "client_id"}) {
      JsonValue* const node = log->Find(id);
      if (node != nullptr && node->replaced && node->ScalarText() == kMask) Remove(node, log);
    }
    NoteFreeValues(*log);
    if (profile != nullptr) NoteFreeValues(*profile);
    CollectCovered();
    if (covered_.empty()) return;
    SearchIds(log);
    SearchRoot(log, true);
    if (profile != nullptr) SearchRoot(profile, false);
  }

  std::string Search(absl::string_view text) {
    ReferenceValues::Finding found = covered_.Find(text);
    if (found.whole != nullptr) return found.whole->replacement;
    return std::move(found.replaced).value_or(std::string(text));
  }

  bool hashed() const { return hashed_; }

 private:
  struct Noted {
    std::string text;
    PrivacyAction action;
    bool direct;  // a rule names the value itself, not something that it is part of
  };

  bool IsExempt(absl::string_view key) const {
    if (key == "date") return log_.date.has_value();
    return key == "type" || key == "log_id" || key == "_id";
  }

  // --- first pass -------------------------------------------------------------------------------

  // Applies the rules to what path_ leads to. False if it has to go.
  bool Visit(JsonValue* node, std::optional<PrivacyAction> inherited, bool allowed) {
    if (node->deep) return false;
    if (!allowed) {
      const PathRelation relation = RelateToAllowed();
      allowed = relation == PathRelation::kNames || relation == PathRelation::kContains;
      if (!allowed && (relation == PathRelation::kUnrelated || !node->is_container())) {
        NotePersonal(*node);
        return false;
      }
    }
    const std::optional<PrivacyAction> own = OwnAction(*node);
    const std::optional<PrivacyAction> action = own.has_value() ? own : inherited;
    if (action == PrivacyAction::kDrop) {
      NoteAll(*node, own.has_value());
      return false;
    }
    if (node->is_container()) {
      VisitMembers(node, action, allowed);
    } else if (action.has_value()) {
      Cover(*action, own.has_value(), node);
    }
    return true;
  }

  void VisitMembers(JsonValue* node, std::optional<PrivacyAction> inherited, bool allowed) {
    const bool object = node->kind == JsonKind::kObject;
    EraseIf(node, [&](JsonValue& child) {
      if (in_log_ && path_.empty() && IsExempt(child.key)) return false;
      if (object) path_.push_back(child.key);
      const bool stays = Visit(&child, inherited, allowed);
      if (object) path_.pop_back();
      return !stays;
    });
  }

  PathRelation RelateToAllowed() const {
    PathRelation best = PathRelation::kUnrelated;
    for (const std::string& pattern : settings_.allow_only) {
      best = std::max(best, Relate(pattern, path_));
    }
    return best;
  }

  std::optional<PrivacyAction> OwnAction(const JsonValue& node) const {
    for (auto rule = settings_.rules.rbegin(); rule != settings_.rules.rend(); ++rule) {
      if (Relate(rule->path, path_) == PathRelation::kNames) return rule->action;
    }
    const bool says_nothing = node.kind == JsonKind::kBool || node.kind == JsonKind::kNull;
    if (!settings_.standard_preset || says_nothing) return std::nullopt;
    return StandardAction(path_, node.is_container());
  }

  void Cover(PrivacyAction action, bool direct, JsonValue* node) {
    if (node->kind == JsonKind::kNull) return;
    const std::string text = node->ScalarText();
    if (text.empty()) return;
    Note(*node, text, action, direct);
    // A hash of a truth value would tell it to anyone who has seen two of them.
    const bool hide = node->kind == JsonKind::kBool;
    node->SetString(Replacement(hide ? PrivacyAction::kMask : action, text));
    node->replaced = true;
  }

  std::string Replacement(PrivacyAction action, absl::string_view text) {
    if (action != PrivacyAction::kHash || settings_.hash_key.empty()) return std::string(kMask);
    hashed_ = true;
    const auto [hash, is_new] = hashes_.try_emplace(text);
    if (is_new) hash->second = hmac_.Hex(text);
    return hash->second;
  }

  void Note(const JsonValue& scalar, std::string text, PrivacyAction action, bool direct) {
    const bool is_number = scalar.kind == JsonKind::kNumber;
    if (!is_number && !scalar.is_string()) return;
    if (IsMasked(text) || (is_number && text.size() < kLeastDigits)) return;
    if (!direct && text.size() < kLeastInheritedBytes) return;
    noted_.push_back({.text = std::move(text), .action = action, .direct = direct});
  }

  void NoteAll(const JsonValue& node, bool direct) {
    if (!node.is_container()) Note(node, node.ScalarText(), PrivacyAction::kDrop, direct);
    // A rule for an array is one for its elements, a rule for an object none for its members.
    const bool direct_below = direct && node.kind == JsonKind::kArray;
    for (const JsonValue& child : node.children) NoteAll(child, direct_below);
  }

  // Of what the allow-list leaves out, what is personal.
  void NotePersonal(const JsonValue& node) {
    if (!node.is_container()) {
      if (IsPersonal(path_)) Note(node, node.ScalarText(), PrivacyAction::kDrop, false);
      return;
    }
    for (const JsonValue& child : node.children) {
      if (node.kind == JsonKind::kObject) path_.push_back(child.key);
      NotePersonal(child);
      if (node.kind == JsonKind::kObject) path_.pop_back();
    }
  }

  // --- between the passes -----------------------------------------------------------------------

  void NoteFreeValues(const JsonValue& root) {
    for (const JsonValue& member : root.children) {
      if (member.is_container() || member.replaced) continue;
      std::string text = absl::AsciiStrToLower(member.ScalarText());
      if (member.key == "user_id") free_user_id_ = text;
      free_values_.insert(std::move(text));
    }
  }

  bool IsFree(absl::string_view text) const {
    const std::string lower = absl::AsciiStrToLower(text);
    // A user id holds the id that the user has at the identity provider.
    return free_values_.contains(lower) || absl::StrContains(free_user_id_, lower);
  }

  void CollectCovered() {
    for (const bool direct : {true, false}) {
      for (const Noted& noted : noted_) {
        if (noted.direct != direct) continue;
        if (!direct && IsFree(noted.text)) continue;
        covered_.Add(noted.text, {.action = noted.action,
                                  .replacement = Replacement(noted.action, noted.text)});
      }
    }
    if (settings_.standard_preset) {
      covered_.FindByShape(
          [this](absl::string_view text) { return Replacement(PrivacyAction::kHash, text); });
    }
  }

  // --- second pass ------------------------------------------------------------------------------

  static void Remove(JsonValue* member, JsonValue* object) {
    object->children.erase(object->children.begin() + (member - object->children.data()));
  }

  void SearchIds(JsonValue* log) {
    for (const absl::string_view id : {"user_id", "client_id"}) {
      JsonValue* const node = log->Find(id);
      if (node == nullptr || node->is_container() || node->replaced) continue;
      const std::string text = node->ScalarText();
      const auto [whole, replaced] = covered_.Find(text);
      const bool part = replaced.has_value();
      if (whole == nullptr && !part) continue;
      const PrivacyAction action = part ? PrivacyAction::kHash : whole->action;
      if (action != PrivacyAction::kHash || settings_.hash_key.empty()) {
        Remove(node, log);
        continue;
      }
      node->SetString(part ? Replacement(action, text) : whole->replacement);
      node->replaced = true;
    }
  }

  void SearchRoot(JsonValue* root, bool is_log) {
    bool renamed = false;
    EraseIf(root, [&](JsonValue& child) {
      if (is_log && IsExempt(child.key)) return false;
      // Names of fields are nobody's data, even if somebody is called "connection".
      const bool named_by_auth0 = is_log && IsNamedByAuth0(child.key);
      if (!named_by_auth0 && !IsSnakeCase(child.key)) renamed |= SearchKey(&child);
      return !SearchValue(&child, /*keys_too=*/!named_by_auth0);
    });
    if (renamed) KeepKeysApart(root);
  }

  // Whether the key had a covered value in it.
  bool SearchKey(JsonValue* node) {
    std::string key = Search(node->key);
    const bool changed = key != node->key;
    node->key = std::move(key);
    return changed;
  }

  // Gives numbers to keys that are the same now that the values in them are replaced. A JSON reader
  // would keep only the last of them.
  static void KeepKeysApart(JsonValue* object) {
    absl::flat_hash_set<std::string> taken;
    absl::flat_hash_map<std::string, int> last_numbers;
    for (JsonValue& member : object->children) {
      if (taken.insert(member.key).second) continue;
      int& number = last_numbers.try_emplace(member.key, 1).first->second;
      std::string key;
      do {
        key = absl::StrCat(member.key, " ", ++number);
      } while (!taken.insert(key).second);
      member.key = std::move(key);
    }
  }

  // Looks for covered values in `node`. False if it is one that has to go.
  bool SearchValue(JsonValue* node, bool keys_too) {
    if (node->is_container()) {
      bool renamed = false;
      EraseIf(node, [&](JsonValue& child) {
        if (keys_too) renamed |= SearchKey(&child);
        return !SearchValue(&child, keys_too);
      });
      if (renamed && node->is_object()) KeepKeysApart(node);
      return true;
    }
    if (node->replaced || (!node->is_string() && node->kind != JsonKind::kNumber)) return true;
    const auto [whole, replaced] = covered_.Find(node->ScalarText());
    if (whole != nullptr) {
      if (whole->action == PrivacyAction::kDrop) return false;
      node->SetString(whole->replacement);
    } else if (replaced.has_value() && node->is_string()) {
      node->SetString(*replaced);
    }
    return true;
  }

  const PrivacySettings& settings_;
  const Log& log_;
  HmacSha256& hmac_;
  bool in_log_ = false;
  std::vector<absl::string_view> path_;
  std::vector<Noted> noted_;
  absl::flat_hash_set<std::string> free_values_;
  std::string free_user_id_;
  ReferenceValues covered_;
  bool hashed_ = false;
  absl::flat_hash_map<std::string, std::string> hashes_;
};

}  // namespace

std::optional<ReferenceResult> RedactPlainly(const PrivacySettings& settings, const Log& log,
                                             absl::string_view profile, absl::string_view tenant) {
  absl::StatusOr<JsonValue> log_tree = JsonValue::ParseFolded(log.raw);
  if (!log_tree.ok() || log_tree->kind != JsonKind::kObject) return std::nullopt;
  const bool has_profile = !profile.empty();
  absl::StatusOr<JsonValue> profile_tree = JsonValue::ParseFolded(has_profile ? profile : "{}");
  const bool profile_stays = has_profile && profile_tree.ok();
  HmacSha256 hmac(settings.hash_key);
  Redaction redaction(settings, log, &hmac);
  redaction.Apply(&*log_tree, profile_stays ? &*profile_tree : nullptr);
  ReferenceResult redacted;
  AppendJson(*log_tree, &redacted.log);
  if (profile_stays) AppendJson(*profile_tree, &redacted.profile);
  redacted.tenant = redaction.Search(tenant);
  redacted.mended = log_tree->mended;
  redacted.hashed = redaction.hashed();
  return redacted;
}

}  // namespace logexport
