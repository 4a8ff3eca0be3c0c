#include "service/segment/privacy/covered_values.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

CoveredValues Covering(const std::vector<std::string>& values) {
  CoveredValues covered;
  for (const std::string& value : values) {
    covered.Add(value, {.action = PrivacyAction::kMask, .replacement = "#"});
  }
  return covered;
}

// `text` without the values; "nothing" if there are none in it.
std::string Replaced(const CoveredValues& covered, absl::string_view text) {
  const CoveredValues::Finding found = covered.Find(text);
  if (found.whole != nullptr) return found.whole->replacement;
  return found.replaced.value_or("nothing");
}

TEST(CoveredValuesTest, FindsAValueInEveryFormItStandsIn) {
  struct Case {
    const char* value;
    const char* text;
    const char* replaced;
  };
  const std::vector<Case> cases = {
      {"mara@example.com", "to mara@example.com.", "to #."},
      {"mara@example.com", "Mara@Example.COM", "#"},
      {"mara@example.com", "mara%40example.com&x=1", "#&x=1"},
      {"mara@example.com", "q=mara%2540example%2Ecom;", "q=#;"},
      {"auth0|123", "/users/auth0%7C123/roles", "/users/#/roles"},
      {"auth0|123", "/users/auth0%7c123", "/users/#"},
      {"auth0%7C123", "auth0|123", "#"},
      {"Mara Lind", "name=Mara+Lind&x", "name=#&x"},
      {"Mara Lind", "name=Mara%20Lind", "name=#"},
      {"+4670000", "tel:%2B4670000 +4670000", "tel:# #"},
      {"say \"hi\"", R"({"body":"say \"hi\" now"})", R"({"body":"# now"})"},
      {"say \"hi\"", R"({"body":"{\"a\":\"say \\\"hi\\\"\"}"})", R"({"body":"{\"a\":\"#\"}"})"},
      {"Åsa", R"({"n":"\u00c5sa"})", R"({"n":"#"})"},
      {"smile😀", R"(smile\ud83d\ude00!)", "#!"},
      {"back\\slash", R"(c:\back\slash)", R"(c:\#)"},
      {"x%41y1", "x%41y1 and xAy1", "# and #"},
      {"aaaa", "aaaaaaaa", "#"},
      {"line\nbreak", R"("line\nbreak")", "\"#\""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Replaced(Covering({c.value}), c.text), c.replaced) << c.text;
  }
}

TEST(CoveredValuesTest, FindsAValueBehindWhatOnlyLooksEncoded) {
  struct Case {
    const char* value;
    const char* text;
    const char* replaced;
  };
  const std::vector<Case> cases = {
      {"nadia@corp.example", "/x?u=CORP%5Cnadia%40corp.example", R"(/x?u=CORP%5C#)"},
      {"nadia@corp.example", R"(CORP\nadia@corp.example)", R"(CORP\#)"},
      {"nadia", R"({"user":"CORP\\nadia"})", R"({"user":"CORP\\#"})"},
      {"nils lind", "u=CORP%5Cnils+Lind", "u=CORP%5C#"},
      {"+46700001", "u=%5Cn%2B46700001", "u=%5Cn#"},
      {"7Bert", "/u%2525%37Bert", "/u%2525#"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Replaced(Covering({c.value}), c.text), c.replaced) << c.text;
  }
}

TEST(CoveredValuesTest, LeavesTextAloneThatHoldsNone) {
  const CoveredValues covered = Covering({"mara@example.com", "Al"});
  for (const char* text : {"", "Allowed", "mara@example.co", "%", "%4", "\\", "\\u12", "100%25"}) {
    EXPECT_EQ(Replaced(covered, text), "nothing") << text;
  }
}

TEST(CoveredValuesTest, ShortValuesAreFoundAsWordsOnly) {
  const CoveredValues covered = Covering({"Al"});
  EXPECT_EQ(Replaced(covered, "Al"), "#");
  EXPECT_EQ(Replaced(covered, "Hello al!"), "Hello #!");
  EXPECT_EQ(Replaced(covered, "to=Al&from=Bo"), "to=#&from=Bo");
  EXPECT_EQ(Replaced(covered, "Alan, Val, åAl, Al2"), "nothing");
}

TEST(CoveredValuesTest, OfOverlappingValuesNothingStays) {
  EXPECT_EQ(Replaced(Covering({"mara lind", "lindqvist"}), "Mara Lindqvist!"), "#!");
  EXPECT_EQ(Replaced(Covering({"mara", "mara@example.com"}), "mara@example.com"), "#");
}

TEST(CoveredValuesTest, KnowsAValueThatIsTheWholeText) {
  const CoveredValues covered = Covering({"Mara Lind"});
  EXPECT_NE(covered.Find("Mara Lind").whole, nullptr);
  EXPECT_NE(covered.Find("mara+lind").whole, nullptr);
  EXPECT_NE(covered.Find("MARA%20LIND").whole, nullptr);
  EXPECT_EQ(covered.Find("Mara Lind ").whole, nullptr);
}

TEST(CoveredValuesTest, AddressesAndTokensAreFoundByTheirShape) {
  CoveredValues covered;
  covered.FindByShape([](absl::string_view found) { return absl::StrCat("<", found, ">"); });
  struct Case {
    const char* text;
    const char* replaced;
  };
  const std::vector<Case> cases = {
      {"Mail bo@example.com, now.", "Mail <bo@example.com>, now."},
      {"Bo.Li+tag@Mail.Example.org", "<Bo.Li+tag@Mail.Example.org>"},
      {"to=bo%40example.com&x", "to=<bo@example.com>&x"},
      {"a@b and @x.y and x@", "nothing"},
      {"user@localhost", "nothing"},
      {"x, email: bo@example.com", "x, email: <bo@example.com>"},
      {"t=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln;", "t=*****;"},
      {"t=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0", "t=*****"},
      {"eyJ alone, eyJabc. and eyJ.x", "eyJ alone, eyJabc. and *****"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Replaced(covered, c.text), c.replaced) << c.text;
  }
}

TEST(CoveredValuesTest, UserIdsAreFoundByTheirShape) {
  CoveredValues covered;
  covered.FindByShape([](absl::string_view found) { return absl::StrCat("<", found, ">"); });
  struct Case {
    const char* text;
    const char* replaced;
  };
  const std::vector<Case> cases = {
      {"auth0|6740f1C2", "<auth0|6740f1C2>"},
      {"my-idp|Mara.L", "<my-idp|Mara.L>"},
      {"auth0%7C6740F1c2", "<auth0|6740F1c2>"},
      {"email|Bo@example.com", "<email|Bo@example.com>"},
      {"samlp|a/b|x y+z@example.com", "<samlp|a/b|x y+z@example.com>"},
      {R"(samlp|CORP\nadia)", R"(<samlp|CORP\nadia>)"},
      {"/api/v2/users/auth0%7C6740F1/roles", "/api/v2/users/<auth0|6740F1>/roles"},
      {"/api/v2/users/auth0%7c6740F1?fields=email", "/api/v2/users/<auth0|6740F1>?fields=email"},
      {"/api/v2/users/my-idp%7CMara", "/api/v2/users/<my-idp|Mara>"},
      {"/api/v2/users/samlp%7Ca%2Fb%7Cx%20y%2Bz%40example.com/roles",
       "/api/v2/users/<samlp|a/b|x y+z@example.com>/roles"},
      {R"(/users/samlp%7CCORP%5Cnadia)", R"(/users/<samlp|CORP\nadia>)"},
      {"/api/v2/user-blocks/my-idp%7C1", "/api/v2/user-blocks/<my-idp|1>"},
      {"/organizations/org_1/members/my-idp%7C1/roles",
       "/organizations/org_1/members/<my-idp|1>/roles"},
      {"next=%2Fusers%2Fmy-idp%257C1%2Froles", "next=%2Fusers%2F<my-idp|1>%2Froles"},
      {"/grants?user_id=auth0%7C1&page=0", "/grants?user_id=<auth0|1>&page=0"},
      {R"({"to":"auth0|1","also":"sms|2"})", R"({"to":"<auth0|1>","also":"<sms|2>"})"},
      {R"({"a":"{\"b\":\"auth0|1\"}"})", R"({"a":"{\"b\":\"<auth0|1>\"}"})"},
      {"User auth0|1, blocked by (waad|2).", "User <auth0|1>, blocked by (<waad|2>)."},
      {"one of read|write or true|false", "nothing"},
      {"const x = a||b", "nothing"},
      {"/api/v2/users/by|", "nothing"},
      {"auth0|", "nothing"},
      {"|x", "nothing"},
      {"xauth0|1 and auth0 | 1", "nothing"},
      {"100%7", "nothing"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Replaced(covered, c.text), c.replaced) << c.text;
  }
}

}  // namespace
}  // namespace logexport
