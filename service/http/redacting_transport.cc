#include "service/http/redacting_transport.h"

#include <algorithm>
#include <utility>

namespace logexport {
namespace {

// Of the secrets that requests name, the last few are remembered: an access token and those before
// it, which an answer that is on its way may still hold.
constexpr std::size_t kMostNamed = 8;
// What HttpResponse promises behind its body.
constexpr std::size_t kRedactedSpareBytes = 64;

using Redactor = std::shared_ptr<const SecretRedactor>;

bool IsKnown(const std::vector<std::string>& secrets, const std::string& secret) {
  return std::find(secrets.begin(), secrets.end(), secret) != secrets.end();
}

absl::StatusOr<HttpResponse> Redact(absl::StatusOr<HttpResponse> response,
                                    const SecretRedactor& redactor, bool answer_is_secret) {
  if (!response.ok()) {
    std::string message(response.status().message());
    if (!redactor.Redact(&message)) return response;
    return absl::Status(response.status().code(), message);
  }
  for (HttpHeader& header : response->headers) redactor.Redact(&header.value);
  if (answer_is_secret && response->status == 200) return response;
  if (redactor.Redact(&response->body)) {
    response->body.reserve(response->body.size() + kRedactedSpareBytes);
  }
  return response;
}

class RedactedExchange final : public HttpExchange {
 public:
  RedactedExchange(std::unique_ptr<HttpExchange> exchange, Redactor redactor, bool answer_is_secret)
      : exchange_(std::move(exchange)),
        redactor_(std::move(redactor)),
        answer_is_secret_(answer_is_secret) {}

  absl::StatusOr<HttpResponse> Finish() override {
    return Redact(exchange_->Finish(), *redactor_, answer_is_secret_);
  }

 private:
  const std::unique_ptr<HttpExchange> exchange_;
  const Redactor redactor_;
  const bool answer_is_secret_;
};

}  // namespace

RedactingTransport::RedactingTransport(HttpTransport& transport, std::vector<std::string> secrets)
    : transport_(transport),
      kept_(secrets.size()),
      redactor_(std::make_shared<const SecretRedactor>(std::move(secrets))) {}

absl::StatusOr<HttpResponse> RedactingTransport::Issue(const HttpRequest& request) {
  const Redactor redactor = Knowing(request.secrets);
  return Redact(transport_.Issue(request), *redactor, request.answer_is_secret);
}

std::unique_ptr<HttpExchange> RedactingTransport::Begin(HttpRequest request) {
  Redactor redactor = Knowing(request.secrets);
  const bool answer_is_secret = request.answer_is_secret;
  return std::make_unique<RedactedExchange>(transport_.Begin(std::move(request)),
                                            std::move(redactor), answer_is_secret);
}

std::shared_ptr<const SecretRedactor> RedactingTransport::Knowing(
    const std::vector<std::string>& secrets) {
  const MutexLock lock(&mutex_);
  std::vector<std::string> missing;
  for (const std::string& secret : secrets) {
    if (!IsKnown(redactor_->secrets(), secret)) missing.push_back(secret);
  }
  if (missing.empty()) return redactor_;
  std::vector<std::string> all = redactor_->secrets();
  all.insert(all.end(), missing.begin(), missing.end());
  if (all.size() > kept_ + kMostNamed) {
    const std::size_t excess = all.size() - kept_ - kMostNamed;
    const auto oldest = all.begin() + static_cast<std::ptrdiff_t>(kept_);
    all.erase(oldest, oldest + static_cast<std::ptrdiff_t>(excess));
  }
  redactor_ = std::make_shared<const SecretRedactor>(std::move(all));
  return redactor_;
}

}  // namespace logexport
