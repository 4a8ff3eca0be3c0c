#ifndef LOGEXPORT_SERVICE_HTTP_SECRET_REDACTOR_H_
#define LOGEXPORT_SERVICE_HTTP_SECRET_REDACTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// What stands where a secret stood.
inline constexpr absl::string_view kRedacted = "********";

// Shorter secrets are not looked for: they would be found in words that have nothing to do with
// them.
inline constexpr std::size_t kShortestRedacted = 8;

// Finds secrets in text that others wrote, in every form in which they may have written them down:
//   - as they are, also when only the first 16 bytes or more are there
//   - in base64, with either alphabet, alone or as a part of what was encoded
//   - percent-encoded or with the escapes of JSON, in up to three layers
// Immutable, and thread-safe for that.
class SecretRedactor {
 public:
  explicit SecretRedactor(std::vector<std::string> secrets);

  // Replaces every secret in `text` by kRedacted. Returns whether there was one. Texts of more than
  // 32 KiB are not searched for percent-encoded and escaped forms: pages of logs have to be
  // searched at the speed at which they arrive.
  bool Redact(std::string* text) const;

  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  enum class Form : std::uint8_t { kPlain, kBase64, kBase64Url };
  // The beginning of a secret in one form. The rest is made when the beginning is found, since
  // tokens are long and an exporter has several secrets.
  struct Needle {
    std::string head;
    std::size_t secret = 0;  // index in secrets_
    Form form = Form::kPlain;
    int alignment = 0;  // of base64: how many bytes of the first three are before the secret
  };
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  static std::string Written(absl::string_view secret, Form form, int alignment);
  void AddNeedle(std::size_t secret, Form form, int alignment);
  // A block as it stands in a needle.
  struct NeedleBlock {
    std::uint64_t bytes = 0;
    std::size_t needle = 0;  // index in needles_
    std::size_t before = 0;  // bytes of the needle that stand before it
  };

  void CollectBlocks();
  std::uint64_t BlockAt(const char* text) const;
  static std::size_t MarkOf(std::uint64_t block);
  void Search(absl::string_view text, std::vector<Range>* found) const;
  // The same with blocks of that size.
  template <typename Block>
  void SearchBlocks(absl::string_view text, std::vector<Range>* found) const;
  void MatchAround(absl::string_view text, std::size_t at, std::vector<Range>* found) const;

  const std::vector<std::string> secrets_;
  std::vector<Needle> needles_;
  // Text is looked at in blocks of so many bytes, one every so many bytes (as in Wu and Manber's
  // search for many patterns). Every needle is so long that one of the blocks lies within it.
  std::size_t block_bytes_ = 8;
  std::size_t step_ = 1;
  std::vector<NeedleBlock> blocks_;  // that begin in the first `step_` bytes of a needle, in order
  // 1 for the hashes of these. Bytes, not bits: nearly all that searching a page costs is asking
  // here.
  std::array<std::uint8_t, 8192> block_marks_{};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_SECRET_REDACTOR_H_
