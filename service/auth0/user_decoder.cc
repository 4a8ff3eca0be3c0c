#include "service/auth0/user_decoder.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <simdjson.h>

#include "service/base/utf8.h"
#include "service/json/json_writer.h"
#include "service/json/ondemand.h"

namespace logexport {
namespace {

// The value's own JSON; the value is consumed.
simdjson::error_code RawJson(ondemand::value& value, absl::string_view* raw) {
  ondemand::json_type type{};
  if (auto error = value.type().get(type)) return error;
  std::string_view text;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) return error;
    if (auto error = object.raw_json().get(text)) return error;
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (auto error = value.get_array().get(array)) return error;
    if (auto error = array.raw_json().get(text)) return error;
  } else {
    text = value.raw_json_token();
  }
  *raw = absl::StripTrailingAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return simdjson::SUCCESS;
}

simdjson::error_code ReadUser(ondemand::object object, const UserFields& fields,
                              std::vector<User>* users) {
  User user;
  JsonWriter json;
  json.BeginObject();
  for (auto item : object) {
    ondemand::field field;
    if (auto error = std::move(item).get(field)) return error;
    if (IsMisplacedKey(field.value().raw_json_token())) return simdjson::TAPE_ERROR;
    std::string_view key;
    if (auto error = field.unescaped_key().get(key)) return error;
    const std::string name(key);
    const bool wanted = fields.Has(name);
    if (!wanted && name != "user_id") continue;
    absl::string_view raw;
    if (name == "user_id") {
      std::string_view id;
      if (field.value().get_string().get(id) != simdjson::SUCCESS) continue;
      user.user_id = std::string(id);
      if (wanted) json.Key(name).String(user.user_id);
    } else {
      if (auto error = RawJson(field.value(), &raw)) return error;
      json.Key(name).Raw(raw);
    }
  }
  json.EndObject();
  user.json = std::move(json).Take();
  if (!user.user_id.empty()) users->push_back(std::move(user));
  return simdjson::SUCCESS;
}

simdjson::error_code ReadUsers(ondemand::array array, const UserFields& fields,
                               std::vector<User>* users) {
  for (auto item : array) {
    ondemand::value value;
    if (auto error = item.get(value)) return error;
    if (IsMisplacedKey(value.raw_json_token())) return simdjson::TAPE_ERROR;
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) continue;
    if (auto error = ReadUser(object, fields, users)) return error;
  }
  return simdjson::SUCCESS;
}

// Reads an object that is a user, or that holds an array of them.
simdjson::error_code ReadUserOrWrapper(ondemand::object object, const UserFields& fields,
                                       std::vector<User>* users) {
  ondemand::array array;
  const simdjson::error_code wrapped = object["users"].get_array().get(array);
  if (wrapped == simdjson::SUCCESS) return ReadUsers(array, fields, users);
  // After any other error the parser has given the document up and may not be asked again.
  if (wrapped != simdjson::NO_SUCH_FIELD && wrapped != simdjson::INCORRECT_TYPE) return wrapped;
  if (auto error = object.reset().error()) return error;
  return ReadUser(object, fields, users);
}

}  // namespace

absl::StatusOr<std::vector<User>> DecodeUsers(std::string body, const UserFields& fields) {
  if (!IsValidUtf8(body)) body = ReplaceInvalidUtf8(body);
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  std::vector<User> users;
  ondemand::parser parser;
  ondemand::document document;
  simdjson::error_code error = parser.iterate(body).get(document);
  ondemand::json_type type{};
  if (error == simdjson::SUCCESS) error = document.type().get(type);
  if (error == simdjson::SUCCESS) {
    if (type == ondemand::json_type::array) {
      ondemand::array array;
      error = document.get_array().get(array);
      if (error == simdjson::SUCCESS) error = ReadUsers(array, fields, &users);
    } else if (type == ondemand::json_type::object) {
      ondemand::object object;
      error = document.get_object().get(object);
      if (error == simdjson::SUCCESS) error = ReadUserOrWrapper(object, fields, &users);
    } else {
      return absl::InvalidArgumentError("is JSON, but neither a user nor an array of users");
    }
  }
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("is no well-formed JSON (", simdjson::error_message(error), ")"));
  }
  return users;
}

}  // namespace logexport
