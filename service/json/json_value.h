#ifndef LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_
#define LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// A JSON document as a tree of values. For small documents (answers of an API, stored columns); the
// logs themselves are decoded by the auth0 source without a tree. A value of another kind than
// asked for reads as the fallback, and a member that is absent as null, so that reading an answer
// with odd fields needs no checks:
//
//   ASSIGN_OR_RETURN(const JsonValue answer, JsonValue::Parse(body));
//   const std::int64_t seconds = answer["expires_in"].Int(3600);
class JsonValue {
 public:
  enum class Kind { kNull, kBool, kInt, kDouble, kString, kArray, kObject };
  using Member = std::pair<std::string, JsonValue>;

  // Reads one complete document in UTF-8. INVALID_ARGUMENT if it is not JSON, is nested deeper than
  // 512 levels, or anything but white space follows it. The message never quotes the document.
  static absl::StatusOr<JsonValue> Parse(absl::string_view json);

  JsonValue() = default;  // null

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_string() const { return kind_ == Kind::kString; }

  bool Bool(bool fallback = false) const;
  // A number with a fraction or beyond 64 bits is no integer.
  std::int64_t Int(std::int64_t fallback = 0) const;
  double Double(double fallback = 0) const;  // integers, too
  // Valid as long as this value.
  absl::string_view String(absl::string_view fallback = "") const;

  // Of an array; empty for any other kind.
  const std::vector<JsonValue>& items() const { return items_; }
  // Of an object, in the order of the document; empty for any other kind.
  const std::vector<Member>& members() const { return members_; }
  // The first member of that name, or a null value.
  const JsonValue& operator[](absl::string_view name) const;

 private:
  friend class JsonTreeBuilder;

  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  std::int64_t int_ = 0;
  double double_ = 0;
  std::string string_;
  std::vector<JsonValue> items_;
  std::vector<Member> members_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_VALUE_H_
