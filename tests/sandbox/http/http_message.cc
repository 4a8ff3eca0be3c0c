#include "tests/sandbox/http/http_message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace logexport::sandbox {
namespace {

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Simulated";
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::string_view HttpRequest::Header(absl::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, name)) {
      return value;
    }
  }
  return {};
}

std::optional<std::string> HttpRequest::Parameter(absl::string_view name) const {
  return FormValue(query, name);
}

std::size_t HttpResponse::BodySize() const {
  std::size_t size = body.size();
  for (const absl::string_view slice : slices) {
    size += slice.size();
  }
  return size;
}

void HttpResponse::Flatten() {
  for (const absl::string_view slice : slices) {
    absl::StrAppend(&body, slice);
  }
  slices.clear();
  slices_owner.reset();
}

HttpResponse TextResponse(int status, absl::string_view text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string(text);
  return response;
}

HttpResponse JsonResponse(int status, std::string json) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(json);
  return response;
}

bool ParseRequestHead(absl::string_view head, HttpRequest* request) {
  request->headers.clear();
  request->body = {};
  std::size_t end = head.find("\r\n");
  const absl::string_view line = head.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == absl::string_view::npos || last == first) {
    return false;
  }
  const absl::string_view version = line.substr(last + 1);
  if (!absl::StartsWith(version, "HTTP/1.")) {
    return false;
  }
  request->method = line.substr(0, first);
  const absl::string_view target = line.substr(first + 1, last - first - 1);
  const std::size_t question = target.find('?');
  request->path = target.substr(0, question);
  request->query =
      question == absl::string_view::npos ? absl::string_view() : target.substr(question + 1);

  while (true) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    if (end == 0 || end == absl::string_view::npos) {
      break;
    }
    const absl::string_view field = head.substr(0, end);
    const std::size_t colon = field.find(':');
    if (colon == absl::string_view::npos || colon == 0) {
      return false;
    }
    request->headers.emplace_back(field.substr(0, colon),
                                  absl::StripAsciiWhitespace(field.substr(colon + 1)));
  }
  const absl::string_view connection = request->Header("Connection");
  request->keep_alive = version == "HTTP/1.0" ? absl::EqualsIgnoreCase(connection, "keep-alive")
                                              : !absl::EqualsIgnoreCase(connection, "close");
  return true;
}

std::string RenderResponseHead(const HttpResponse& response, std::int64_t content_length,
                               bool keep_alive) {
  std::string head = absl::StrCat("HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status),
                                  "\r\nContent-Type: ", response.content_type, "\r\n");
  if (content_length < 0) {
    absl::StrAppend(&head, "Transfer-Encoding: chunked\r\n");
  } else {
    absl::StrAppend(&head, "Content-Length: ", content_length, "\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&head, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  return head;
}

std::string PercentDecode(absl::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::optional<std::string> FormValue(absl::string_view form, absl::string_view name) {
  for (const absl::string_view pair : absl::StrSplit(form, '&')) {
    const std::size_t equals = pair.find('=');
    if (PercentDecode(pair.substr(0, equals), true) == name) {
      return equals == absl::string_view::npos ? std::string()
                                               : PercentDecode(pair.substr(equals + 1), true);
    }
  }
  return std::nullopt;
}

}  // namespace logexport::sandbox
