#include "service/segment/unique_names.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

#include "service/base/utf8.h"

namespace logexport {
namespace {

// Up to here, comparing each made name with all others costs less than a hash table.
constexpr std::size_t kFewFields = 64;
// What a name is cut to before it gets a number.
constexpr std::size_t kMaxNumberedBytes = 190;

bool AnyRepeats(const std::vector<std::size_t>& made, const std::vector<JsonField>& fields) {
  if (fields.size() > kFewFields) return true;
  return std::any_of(made.begin(), made.end(), [&fields](std::size_t place) {
    const absl::string_view name = fields[place].key;
    return std::count_if(fields.begin(), fields.end(),
                         [name](const JsonField& field) { return field.key == name; }) > 1;
  });
}

}  // namespace

void MakeNamesUnique(const std::vector<std::size_t>& made, std::vector<JsonField>* fields,
                     std::deque<std::string>* names) {
  if (made.empty() || !AnyRepeats(made, *fields)) return;
  absl::flat_hash_set<absl::string_view> taken;
  auto next_made = made.begin();
  for (std::size_t i = 0; i < fields->size(); ++i) {
    if (next_made != made.end() && *next_made == i) {
      ++next_made;
    } else {
      taken.insert((*fields)[i].key);
    }
  }
  absl::flat_hash_map<absl::string_view, int> last_numbers;
  for (const std::size_t place : made) {
    JsonField& field = (*fields)[place];
    if (taken.insert(field.key).second) continue;
    int& number = last_numbers.try_emplace(field.key, 1).first->second;
    const absl::string_view base = TruncateUtf8(field.key, kMaxNumberedBytes);
    std::string name;
    do {
      name = absl::StrCat(base, "_", ++number);
    } while (taken.contains(name));
    field.key = names->emplace_back(std::move(name));
    taken.insert(field.key);
  }
}

}  // namespace logexport
