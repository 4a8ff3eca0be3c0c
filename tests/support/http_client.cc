#include "tests/support/http_client.h"

#include "absl/strings/ascii.h"
#include <httplib.h>

namespace logexport {
namespace {

httplib::Client MakeClient(const std::string& base, absl::Duration limit) {
  httplib::Client client(base);
  client.enable_server_certificate_verification(false);
  client.set_read_timeout(absl::ToChronoMicroseconds(limit));
  client.set_tcp_nodelay(true);
  client.set_url_encode(false);  // targets are sent as they are written
  return client;
}

httplib::Headers Convert(const HttpHeaders& headers) {
  return httplib::Headers(headers.begin(), headers.end());
}

HttpReply Convert(const httplib::Result& result) {
  HttpReply reply;
  if (!result) {
    return reply;
  }
  reply.status = result->status;
  reply.body = result->body;
  for (const auto& [name, value] : result->headers) {
    reply.headers[absl::AsciiStrToLower(name)] = value;
  }
  return reply;
}

}  // namespace

HttpReply HttpGet(const std::string& base, const std::string& target, const HttpHeaders& headers,
                  absl::Duration limit) {
  return Convert(MakeClient(base, limit).Get(target, Convert(headers)));
}

HttpReply HttpPost(const std::string& base, const std::string& target, const std::string& body,
                   const std::string& content_type, const HttpHeaders& headers,
                   absl::Duration limit) {
  return Convert(MakeClient(base, limit).Post(target, Convert(headers), body, content_type));
}

HttpReply HttpDelete(const std::string& base, const std::string& target,
                     const HttpHeaders& headers) {
  return Convert(MakeClient(base, absl::Seconds(30)).Delete(target, Convert(headers)));
}

}  // namespace logexport
