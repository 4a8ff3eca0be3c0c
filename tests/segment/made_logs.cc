#include "tests/segment/made_logs.h"

#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

// `number` tells apart the ids of the logs.
std::string LogWith(int number, absl::string_view members) {
  return absl::StrCat(
      R"({"date":"2026-11-23T00:50:00.000Z","type":"sapi","log_id":"90020261123005050)",
      std::string(33, '0'), absl::Dec(number, absl::kZeroPad6),
      R"(","user_id":"auth0|6740f1c2a9b83e5d7c04e1b2",)", members, "}");
}

// As an API operation logs it: the body of a request, here an import of users in one text. The
// texts have escapes and characters of two to four bytes, so that cuts fall into them.
std::string DetailsOfOneLongText() {
  std::string body;
  for (int i = 0; body.size() < kMegabyte; ++i) {
    absl::StrAppend(&body, R"({\"email\":\"user)", i, R"(@example.com\",\"city\":\"Malmö €)", i % 7,
                    R"( 😀\"},\n)");
  }
  return absl::StrCat(
      R"("description":"Import users","details":{"request":{"method":"post","path":"/api/v2/jobs",)",
      R"("body":")", body, R"("},"response":{"statusCode":202}})");
}

// A megabyte no text of which is worth cutting.
std::string DetailsOfManyShortTexts() {
  std::string scopes = R"("read:scope_0")";
  for (int i = 1; scopes.size() < kMegabyte; ++i)
    absl::StrAppend(&scopes, ",\"read:scope_", i, "\"");
  return absl::StrCat(R"("description":"Update a grant","details":{"request":{"body":{"scope":[)",
                      scopes, "]}}}");
}

// Beside `details` no text is left out: they are cut, the longest first.
std::string FieldsOfAMegabyte() {
  std::string text;
  while (text.size() < kMegabyte) text += "0123456789 ";
  return absl::StrCat(R"("description":")", text, R"(","user_agent":")", text,
                      R"(","hostname":"login.example.com","details":{"long":")", text, R"("})");
}

// Far deeper than anybody who takes it out of an event could read it.
std::string DetailsOfThousandLevels() {
  constexpr int kLevels = 1000;
  std::string deep;
  for (int i = 0; i < kLevels / 2; ++i) deep += R"({"a":[)";
  deep += R"("user@example.com")";
  for (int i = 0; i < kLevels / 2; ++i) deep += "]}";
  return absl::StrCat(R"("user_name":"user@example.com","details":)", deep);
}

// The largest number of values that fit a page: none of them can be shortened.
std::string NumbersOfAMegabyte() {
  std::string numbers = "0";
  for (int i = 1; numbers.size() < kMegabyte; ++i) absl::StrAppend(&numbers, ",", i);
  return absl::StrCat(R"("session":[)", numbers, "]");
}

}  // namespace

std::vector<std::string> MadeLogNames() {
  return {"odd_details_of_one_long_text", "odd_details_of_many_short_texts",
          "odd_details_of_thousand_levels", "odd_fields_of_a_megabyte",
          "odd_numbers_of_a_megabyte"};
}

std::optional<std::string> MadeLog(absl::string_view name) {
  if (name == "odd_details_of_one_long_text") return LogWith(900001, DetailsOfOneLongText());
  if (name == "odd_details_of_many_short_texts") return LogWith(900002, DetailsOfManyShortTexts());
  if (name == "odd_details_of_thousand_levels") return LogWith(900003, DetailsOfThousandLevels());
  if (name == "odd_fields_of_a_megabyte") return LogWith(900004, FieldsOfAMegabyte());
  if (name == "odd_numbers_of_a_megabyte") return LogWith(900005, NumbersOfAMegabyte());
  return std::nullopt;
}

}  // namespace logexport
