#include "service/http/curl_error.h"

#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include <openssl/x509.h>

namespace logexport {
namespace {

long LongInfo(CURL* easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

absl::Duration TimeInfo(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return absl::Microseconds(microseconds);
}

// ": Connection refused", or nothing where the operating system named no reason.
std::string OperatingSystemReason(CURL* easy) {
  const long error = LongInfo(easy, CURLINFO_OS_ERRNO);
  return error == 0 ? "" : absl::StrCat(": ", std::strerror(static_cast<int>(error)));
}

// Curl's text names whom it could not connect to, by host and port.
bool ThroughProxy(absl::string_view curl_text, absl::string_view peer) {
  absl::string_view host = peer;
  if (absl::ConsumePrefix(&host, "[")) {
    host = host.substr(0, host.find(']'));
  } else {
    host = host.substr(0, host.find(':'));
  }
  return !curl_text.empty() && !absl::StrContains(curl_text, host);
}

// A peer that expects TLS ends a connection that begins with plain HTTP.
absl::string_view PlaintextHint(const HttpRequest& request, bool answer_begun) {
  return !answer_begun && absl::StartsWithIgnoreCase(request.url, "http://")
             ? "; if this port speaks TLS, write https"
             : "";
}

// What the transfer waited for when its time was up.
absl::Status TimedOut(CURL* easy, absl::string_view peer, const HttpRequest& request,
                      bool answer_begun) {
  const absl::Duration elapsed = TimeInfo(easy, CURLINFO_TOTAL_TIME_T);
  const std::string after = absl::FormatDuration(
      absl::Trunc(elapsed, absl::Milliseconds(elapsed < absl::Seconds(10) ? 1 : 100)));
  const bool connected = TimeInfo(easy, CURLINFO_PRETRANSFER_TIME_T) > absl::ZeroDuration();
  if (!connected) {
    // The handshake belongs to it: a server that speaks no TLS may just wait for more.
    const bool with_tls = absl::StartsWithIgnoreCase(request.url, "https://");
    return absl::DeadlineExceededError(absl::StrCat(
        "could not connect to ", peer, with_tls ? " with TLS" : "", " within ", after));
  }
  if (elapsed < request.timeout - absl::Milliseconds(1)) {
    return absl::DeadlineExceededError(
        absl::StrCat("the exchange with ", peer, " stalled and was given up after ", after));
  }
  return absl::DeadlineExceededError(
      answer_begun ? absl::StrCat("the response of ", peer, " was not complete after ", after)
                   : absl::StrCat(peer, " did not answer within ", after));
}

absl::Status NotTrusted(CURL* easy, absl::string_view peer) {
  const long verified = LongInfo(easy, CURLINFO_SSL_VERIFYRESULT);
  // Curl compares the name itself, before it looks at what OpenSSL found.
  if (verified == X509_V_OK || verified == X509_V_ERR_UNSPECIFIED) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the certificate that ", peer, " presents is for another name; check the host name"));
  }
  const bool unknown_issuer = verified != X509_V_ERR_CERT_HAS_EXPIRED &&
                              verified != X509_V_ERR_CERT_NOT_YET_VALID &&
                              verified != X509_V_ERR_CERT_REVOKED;
  return absl::FailedPreconditionError(absl::StrCat(
      "the certificate of ", peer, " is not trusted: ", X509_verify_cert_error_string(verified),
      unknown_issuer ? "; if it comes from an authority of your own, name that with --ca-file"
                     : ""));
}

}  // namespace

absl::Status CurlError(CURLcode code, CURL* easy, absl::string_view curl_text,
                       absl::string_view peer, const HttpRequest& request, bool answer_begun) {
  if (const long tunnel = LongInfo(easy, CURLINFO_HTTP_CONNECTCODE); tunnel >= 300) {
    return absl::UnavailableError(absl::StrFormat(
        "the proxy refused a tunnel to %s with status %d; check HTTPS_PROXY and NO_PROXY", peer,
        tunnel));
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return TimedOut(easy, peer, request, answer_begun);
    case CURLE_PEER_FAILED_VERIFICATION:
      return NotTrusted(easy, peer);
    case CURLE_COULDNT_RESOLVE_HOST:
      return absl::UnavailableError(
          absl::StrCat("found no address for ", peer, "; check the host name and the DNS"));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return absl::UnavailableError(absl::StrCat("found no address for the proxy towards ", peer,
                                                 "; check HTTPS_PROXY and NO_PROXY"));
    case CURLE_COULDNT_CONNECT:
      return absl::UnavailableError(absl::StrCat(
          "could not connect to ", ThroughProxy(curl_text, peer) ? "the proxy towards " : "", peer,
          OperatingSystemReason(easy)));
    case CURLE_SSL_CONNECT_ERROR:
      return absl::UnavailableError(
          absl::StrCat("the TLS handshake with ", peer, " failed: ", curl_text,
                       // Of what OpenSSL finds where a record of TLS should begin.
                       absl::StrContains(curl_text, "wrong version number")
                           ? "; this port does not seem to speak TLS"
                           : ""));
    case CURLE_GOT_NOTHING:
      return absl::UnavailableError(absl::StrCat(peer, " closed the connection without answering",
                                                 PlaintextHint(request, answer_begun)));
    case CURLE_PARTIAL_FILE:
      return absl::UnavailableError(
          absl::StrCat(peer, " closed the connection before its response was complete"));
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return absl::UnavailableError(absl::StrCat("the connection to ", peer, " broke",
                                                 OperatingSystemReason(easy),
                                                 PlaintextHint(request, answer_begun)));
    case CURLE_UNSUPPORTED_PROTOCOL:  // the scheme was checked, so this is about the answer
    case CURLE_WEIRD_SERVER_REPLY:
      return absl::UnavailableError(
          absl::StrCat("what ", peer, " answered is not HTTP; check the port"));
    case CURLE_BAD_CONTENT_ENCODING:
      return absl::UnavailableError(
          absl::StrCat("the compressed response of ", peer, " is damaged"));
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(absl::StrCat("the URL for ", peer, " is malformed"));
    default:
      return absl::UnavailableError(
          absl::StrCat("the exchange with ", peer, " failed: ", curl_easy_strerror(code)));
  }
}

}  // namespace logexport
