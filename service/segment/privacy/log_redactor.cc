#include "service/segment/privacy/log_redactor.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/hash.h"
#include "service/base/snake_case.h"
#include "service/json/json_tree.h"
#include "service/segment/privacy/covered_values.h"
#include "service/segment/privacy/mask.h"
#include "service/segment/privacy/privacy_path.h"
#include "service/segment/privacy/privacy_preset.h"

namespace logexport {
namespace {

constexpr std::size_t kSparePadding = 64;
constexpr std::size_t kLeastDigits = 5;
constexpr std::size_t kLeastInheritedBytes = 4;
constexpr std::size_t kFewNoted = 16;
constexpr std::size_t kUsualDepth = 16;
constexpr std::size_t kUsualHashes = 6;

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
  // `profile` may be null.
  Redaction(const PrivacySettings& settings, const Log& log, HmacSha256* hmac, JsonTree* log_tree,
            JsonTree* profile)
      : settings_(settings), log_(log), hmac_(*hmac), log_tree_(*log_tree), profile_(profile) {
    path_.reserve(kUsualDepth);
    noted_.reserve(kFewNoted);
    hashes_.reserve(kUsualHashes);
  }

  void Apply() {
    JsonNode* const log = &log_tree_.root();
    tree_ = &log_tree_;
    in_log_ = true;
    VisitMembers(log, std::nullopt, settings_.allow_only.empty());
    in_log_ = false;
    if (profile_ != nullptr) {
      JsonNode* const profile = &profile_->root();
      tree_ = profile_;
      path_ = {"profile"};
      if (!Visit(profile, std::nullopt, settings_.allow_only.empty())) profile->first = nullptr;
      path_.clear();
    }
    tree_ = &log_tree_;
    for (const absl::string_view id : {"user_id", "client_id"}) {
      JsonNode* const node = log->Find(id);
      if (node != nullptr && node->replaced && tree_->ScalarText(*node) == kMask) Remove(node, log);
    }
    CollectCovered();
    if (covered_.empty()) return;
    SearchIds(log);
    SearchRoot(log, true);
    if (profile_ == nullptr) return;
    tree_ = profile_;
    SearchRoot(&profile_->root(), false);
  }

  std::string Search(absl::string_view text) { return Searched(text).value_or(std::string(text)); }

  bool hashed() const { return hashed_; }

 private:
  struct Noted {
    absl::string_view text;
    PrivacyAction action;
    bool direct;  // a rule names the value itself, not something that it is part of
  };

  bool IsExempt(absl::string_view key) const {
    if (key == "date") return log_.date.has_value();
    return key == "type" || key == "log_id" || key == "_id";
  }

  // --- first pass -------------------------------------------------------------------------------

  // Applies the rules to what path_ leads to. False if it has to go.
  bool Visit(JsonNode* node, std::optional<PrivacyAction> inherited, bool allowed) {
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

  void VisitMembers(JsonNode* node, std::optional<PrivacyAction> inherited, bool allowed) {
    const bool object = node->is_object();
    RemoveChildrenIf(node, [&](JsonNode& child) {
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

  std::optional<PrivacyAction> OwnAction(const JsonNode& node) const {
    for (auto rule = settings_.rules.rbegin(); rule != settings_.rules.rend(); ++rule) {
      if (Relate(rule->path, path_) == PathRelation::kNames) return rule->action;
    }
    const bool says_nothing = node.kind == JsonKind::kBool || node.kind == JsonKind::kNull;
    if (!settings_.standard_preset || says_nothing) return std::nullopt;
    return StandardAction(path_, node.is_container());
  }

  void Cover(PrivacyAction action, bool direct, JsonNode* node) {
    if (node->kind == JsonKind::kNull) return;
    const absl::string_view text = tree_->ScalarText(*node);
    if (text.empty()) return;
    Note(*node, text, action, direct);
    // A hash of a truth value would tell it to anyone who has seen two of them.
    const bool hide = node->kind == JsonKind::kBool;
    tree_->SetString(Replacement(hide ? PrivacyAction::kMask : action, text), node);
    node->replaced = true;
  }

  absl::string_view Replacement(PrivacyAction action, absl::string_view text) {
    if (action != PrivacyAction::kHash || settings_.hash_key.empty()) return kMask;
    hashed_ = true;
    const auto [hash, is_new] = hashes_.try_emplace(text);
    if (is_new) hash->second = hmac_.Hex(text);
    return hash->second;
  }

  void Note(const JsonNode& scalar, absl::string_view text, PrivacyAction action, bool direct) {
    const bool is_number = scalar.kind == JsonKind::kNumber;
    if (!is_number && !scalar.is_string()) return;
    if (IsMasked(text) || (is_number && text.size() < kLeastDigits)) return;
    if (!direct && text.size() < kLeastInheritedBytes) return;
    // Arrays repeat themselves: what was just noted need not be again.
    for (std::size_t i = noted_.size(); i > 0 && noted_.size() - i < kFewNoted; --i) {
      const Noted& before = noted_[i - 1];
      if (before.text == text && before.action == action && before.direct == direct) return;
    }
    if (!direct) any_inherited_ = true;
    noted_.push_back({.text = text, .action = action, .direct = direct});
  }

  void NoteAll(const JsonNode& node, bool direct) {
    if (!node.is_container()) Note(node, tree_->ScalarText(node), PrivacyAction::kDrop, direct);
    // A rule for an array is one for its elements, a rule for an object none for its members.
    const bool direct_below = direct && node.kind == JsonKind::kArray;
    for (const JsonNode* child = node.first; child != nullptr; child = child->next) {
      NoteAll(*child, direct_below);
    }
  }

  // Of what the allow-list leaves out, what is personal.
  void NotePersonal(const JsonNode& node) {
    if (!node.is_container()) {
      if (IsPersonal(path_)) Note(node, tree_->ScalarText(node), PrivacyAction::kDrop, false);
      return;
    }
    for (const JsonNode* child = node.first; child != nullptr; child = child->next) {
      if (node.is_object()) path_.push_back(child->key);
      NotePersonal(*child);
      if (node.is_object()) path_.pop_back();
    }
  }

  // --- between the passes -----------------------------------------------------------------------

  void NoteFreeValues(JsonTree& tree) {
    for (const JsonNode* member = tree.root().first; member != nullptr; member = member->next) {
      if (member->is_container() || member->replaced) continue;
      std::string text = absl::AsciiStrToLower(tree.ScalarText(*member));
      if (member->key == "user_id") free_user_id_ = text;
      free_values_.insert(std::move(text));
    }
  }

  bool IsFree(absl::string_view text) const {
    const std::string lower = absl::AsciiStrToLower(text);
    // A user id holds the id that the user has at the identity provider.
    return free_values_.contains(lower) || absl::StrContains(free_user_id_, lower);
  }

  void CollectCovered() {
    if (any_inherited_) {
      NoteFreeValues(log_tree_);
      if (profile_ != nullptr) NoteFreeValues(*profile_);
    }
    for (const bool direct : {true, false}) {
      for (const Noted& noted : noted_) {
        if (noted.direct != direct) continue;
        if (!direct && IsFree(noted.text)) continue;
        covered_.Add(noted.text,
                     {.action = noted.action,
                      .replacement = std::string(Replacement(noted.action, noted.text))});
      }
    }
    if (settings_.standard_preset) {
      covered_.FindByShape([this](absl::string_view text) {
        return std::string(Replacement(PrivacyAction::kHash, text));
      });
    }
  }

  // --- second pass ------------------------------------------------------------------------------

  // What stands in the place of `text` if there are covered values in it.
  std::optional<std::string> Searched(absl::string_view text) {
    CoveredValues::Finding found = covered_.Find(text);
    if (found.whole != nullptr) return found.whole->replacement;
    return std::move(found.replaced);
  }

  static void Remove(const JsonNode* member, JsonNode* object) {
    RemoveChildrenIf(object, [member](const JsonNode& child) { return &child == member; });
  }

  void SearchIds(JsonNode* log) {
    for (const absl::string_view id : {"user_id", "client_id"}) {
      JsonNode* const node = log->Find(id);
      if (node == nullptr || node->is_container() || node->replaced) continue;
      const absl::string_view text = tree_->ScalarText(*node);
      const auto [whole, replaced] = covered_.Find(text);
      const bool part = replaced.has_value();
      if (whole == nullptr && !part) continue;
      const PrivacyAction action = part ? PrivacyAction::kHash : whole->action;
      if (action != PrivacyAction::kHash || settings_.hash_key.empty()) {
        Remove(node, log);
        continue;
      }
      tree_->SetString(part ? Replacement(action, text) : absl::string_view(whole->replacement),
                       node);
      node->replaced = true;
    }
  }

  void SearchRoot(JsonNode* root, bool is_log) {
    bool renamed = false;
    RemoveChildrenIf(root, [&](JsonNode& child) {
      if (is_log && IsExempt(child.key)) return false;
      // Names of fields are nobody's data, even if somebody is called "connection".
      const bool named_by_auth0 = is_log && IsNamedByAuth0(child.key);
      if (!named_by_auth0 && !IsSnakeCase(child.key)) renamed |= SearchKey(&child);
      return !SearchValue(&child, /*keys_too=*/!named_by_auth0);
    });
    if (renamed) KeepKeysApart(root);
  }

  // Whether the key had a covered value in it.
  bool SearchKey(JsonNode* node) {
    std::optional<std::string> key = Searched(node->key);
    if (!key.has_value() || *key == node->key) return false;
    tree_->SetKey(*std::move(key), node);
    return true;
  }

  // Gives numbers to keys that are the same now that the values in them are replaced. A JSON reader
  // would keep only the last of them.
  void KeepKeysApart(JsonNode* object) {
    absl::flat_hash_set<std::string> taken;
    absl::flat_hash_map<std::string, int> last_numbers;
    for (JsonNode* member = object->first; member != nullptr; member = member->next) {
      if (taken.emplace(member->key).second) continue;
      int& number = last_numbers.try_emplace(member->key, 1).first->second;
      std::string key;
      do {
        key = absl::StrCat(member->key, " ", ++number);
      } while (!taken.insert(key).second);
      tree_->SetKey(std::move(key), member);
    }
  }

  // Looks for covered values in `node`. False if it is one that has to go.
  bool SearchValue(JsonNode* node, bool keys_too) {
    if (node->is_container()) {
      bool renamed = false;
      RemoveChildrenIf(node, [&](JsonNode& child) {
        if (keys_too && node->is_object()) renamed |= SearchKey(&child);
        return !SearchValue(&child, keys_too);
      });
      if (renamed && node->is_object()) KeepKeysApart(node);
      return true;
    }
    if (node->replaced || (!node->is_string() && node->kind != JsonKind::kNumber)) return true;
    const auto [whole, replaced] = covered_.Find(tree_->ScalarText(*node));
    if (whole != nullptr) {
      if (whole->action == PrivacyAction::kDrop) return false;
      tree_->SetString(whole->replacement, node);
    } else if (replaced.has_value() && node->is_string()) {
      tree_->SetString(*replaced, node);
    }
    return true;
  }

  const PrivacySettings& settings_;
  const Log& log_;
  HmacSha256& hmac_;
  JsonTree& log_tree_;
  JsonTree* const profile_;
  JsonTree* tree_ = nullptr;  // the one that is being worked on
  bool in_log_ = false;
  std::vector<absl::string_view> path_;
  std::vector<Noted> noted_;
  bool any_inherited_ = false;  // whether some of them are not direct
  absl::flat_hash_set<std::string> free_values_;
  std::string free_user_id_;
  CoveredValues covered_;
  bool hashed_ = false;
  absl::node_hash_map<std::string, std::string> hashes_;
};

}  // namespace

const RedactedLog* LogRedactor::Redact(const Log& log, absl::string_view profile,
                                       absl::string_view tenant) {
  if (!log_tree_.ParseFolded(log.raw) || !log_tree_.root().is_object()) return nullptr;
  const bool profile_stays = !profile.empty() && profile_tree_.ParseFolded(profile);
  Redaction redaction(settings_, log, &hmac_, &log_tree_, profile_stays ? &profile_tree_ : nullptr);
  redaction.Apply();
  TakeFields(log.raw.size());
  redacted_.profile.clear();
  if (profile_stays) {
    AppendNode(profile_tree_.root(), &redacted_.profile);
    redacted_.profile.reserve(redacted_.profile.size() + kSparePadding);
  }
  redacted_.tenant = redaction.Search(tenant);
  redacted_.mended = log_tree_.mended();
  redacted_.hashed = redaction.hashed();
  return &redacted_;
}

void LogRedactor::TakeFields(std::size_t usual_size) {
  redacted_.fields.clear();
  containers_.clear();
  containers_.reserve(usual_size + kSparePadding);
  std::vector<std::size_t> ends;
  for (const JsonNode* node = log_tree_.root().first; node != nullptr; node = node->next) {
    redacted_.fields.push_back(
        {.key = node->key, .value = {.text = node->text, .kind = node->kind, .deep = false}});
    if (!node->is_container()) continue;
    AppendNode(*node, &containers_);
    ends.push_back(containers_.size());
  }
  containers_.reserve(containers_.size() + kSparePadding);
  // Now that the text stays where it is.
  std::size_t begin = 0;
  std::size_t next = 0;
  for (JsonField& field : redacted_.fields) {
    if (field.value.kind != JsonKind::kObject && field.value.kind != JsonKind::kArray) continue;
    const std::size_t end = ends[next++];
    field.value.text = absl::string_view(containers_).substr(begin, end - begin);
    begin = end;
  }
}

}  // namespace logexport
