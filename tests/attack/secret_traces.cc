#include "tests/attack/secret_traces.h"

#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

// Each character of `text`, as `prefix` and the hexadecimal digits of its number.
std::string Each(absl::string_view text, absl::string_view prefix, int digits) {
  std::string all;
  for (const char c : text) {
    absl::StrAppend(&all, prefix);
    absl::StrAppendFormat(&all, "%0*x", digits, static_cast<unsigned char>(c));
  }
  return all;
}

// What must not be found: the forms, without what their neighbours have a part in.
std::vector<std::string> Traces(absl::string_view secret) {
  std::vector<std::string> traces;
  for (const std::string& form : Forms(secret)) traces.push_back(form.substr(4, form.size() - 9));
  return traces;
}

}  // namespace

std::vector<std::string> Forms(absl::string_view secret) {
  std::vector<std::string> forms = {std::string(secret), Each(secret, "%", 2),
                                    Each(secret, "\\u", 4)};
  for (const char* const before : {"", "u", "us"}) {
    const std::string text = absl::StrCat(before, secret, ":");
    forms.push_back(absl::Base64Escape(text));
    forms.push_back(absl::WebSafeBase64Escape(text));
  }
  return forms;
}

void ExpectNoSecret(absl::string_view text, const std::string& where,
                    const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (const std::string& trace : Traces(secret)) {
      EXPECT_FALSE(absl::StrContains(text, trace))
          << where << " holds " << trace << " of " << secret;
    }
  }
}

std::string FileContent(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace logexport
