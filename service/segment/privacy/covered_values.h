#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_COVERED_VALUES_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_COVERED_VALUES_H_

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
#include "service/segment/privacy/text_filter.h"

namespace logexport {

// The values of one log that privacy rules cover, to be found again wherever else they stand in it:
// in the description, in the path of a request, in a logged body, in keys. Looks through
// percent-encoding and JSON escapes, and does not tell upper from lower case.
//
// Values of less than four bytes are found only as whole words: there is no telling "Al" from the
// beginning of "Allowed" otherwise.
class CoveredValues {
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
  struct Needles {
    std::vector<Needle> all;
    std::array<bool, 256> first_bytes{};

    void Add(std::string text, std::size_t value);
  };

  struct Match {
    std::size_t begin;  // in the original text
    std::size_t end;
    std::string replacement;
  };

  // The value that a text is as a whole, in its decoded form.
  std::optional<std::size_t> FindWhole(absl::string_view decoded) const;
  // Of a text that may hold something (TextFilter).
  Finding FindInLayers(absl::string_view text) const;
  void MatchValues(const FoldedText& folded, std::vector<Match>* matches) const;
  void MatchNeedles(const FoldedText& folded, absl::string_view hay, const Needles& needles,
                    std::vector<Match>* matches) const;
  void MatchUserIds(const FoldedText& folded, std::vector<Match>* matches) const;
  void MatchEmailAddresses(const FoldedText& folded, std::vector<Match>* matches) const;
  static std::string Apply(std::vector<Match> matches, absl::string_view text);

  std::vector<Value> values_;
  Needles plain_;    // of values that are not their own decoded form
  Needles decoded_;  // one for each value, in their order
  // Of `decoded_`, once there are more than a few.
  absl::flat_hash_map<std::string, std::size_t> by_decoded_text_;
  TextFilter filter_;  // of `decoded_`; any of `plain_` holds a mark that the filter stops at
  std::function<std::string(absl::string_view)> replace_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_COVERED_VALUES_H_
