#ifndef LOGEXPORT_TESTS_SEGMENT_REFERENCE_VALUES_H_
#define LOGEXPORT_TESTS_SEGMENT_REFERENCE_VALUES_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

#include "service/export/settings.h"
#include "service/segment/privacy/folded_text.h"

namespace logexport {

// CoveredValues as it was written first: every text is searched for every value. Slow, and simple
// enough to measure the other against.
class ReferenceValues {
 public:
  struct Value {
    PrivacyAction action = PrivacyAction::kDrop;
    std::string replacement;  // of the value inside a longer text
  };

  // Has user ids and e-mail addresses replaced as well, by what `replace` makes of them, and JSON
  // Web Tokens by asterisks, wherever they stand.
  void FindByShape(std::function<std::string(absl::string_view)> replace);

  // Of values added twice the first counts.
  void Add(absl::string_view text, Value value);

  bool empty() const { return values_.empty() && !replace_; }

  struct Finding {
    // The value that the text is as a whole, or null.
    const Value* whole = nullptr;
    // Else the text with all values in it replaced, if there are any.
    std::optional<std::string> replaced;
  };
  Finding Find(absl::string_view text) const;

 private:
  struct Needle {
    std::string text;
    std::size_t value;
  };
  // By their first byte.
  using Needles = std::array<std::vector<Needle>, 256>;

  struct Match {
    std::size_t begin;  // in the original text
    std::size_t end;
    std::string replacement;
  };

  void MatchValues(const FoldedText& folded, std::vector<Match>* matches) const;
  void MatchNeedles(const FoldedText& folded, absl::string_view hay, const Needles& needles,
                    std::vector<Match>* matches) const;
  void MatchUserIds(const FoldedText& folded, std::vector<Match>* matches) const;
  void MatchEmailAddresses(const FoldedText& folded, std::vector<Match>* matches) const;
  static std::string Apply(std::vector<Match> matches, absl::string_view text);

  std::vector<Value> values_;
  absl::flat_hash_map<std::string, std::size_t> by_decoded_text_;
  Needles plain_;  // of values that are not their own decoded form
  bool any_plain_ = false;
  Needles decoded_;
  std::function<std::string(absl::string_view)> replace_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SEGMENT_REFERENCE_VALUES_H_
