#include "tests/sandbox/http/http_connection.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport::sandbox {
namespace {

constexpr std::size_t kFirstRead = 16 * 1024;
constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::size_t kMaxBody = 256 * 1024 * 1024;

}  // namespace

HttpConnection::HttpConnection(int fd, ssl_st* tls) : fd_(fd), tls_(tls) { Reserve(kFirstRead); }

HttpConnection::~HttpConnection() {
  if (tls_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(tls_);
    SSL_free(tls_);
  }
  close(fd_);
}

void HttpConnection::Reserve(std::size_t capacity) {
  if (capacity <= input_capacity_) {
    return;
  }
  capacity = std::max(capacity, input_capacity_ * 2);
  std::unique_ptr<char[]> grown(new char[capacity + kBodyPadding]);
  if (input_size_ > 0) {
    std::memcpy(grown.get(), input_.get(), input_size_);
  }
  std::memset(grown.get() + capacity, 0, kBodyPadding);
  input_ = std::move(grown);
  input_capacity_ = capacity;
}

std::ptrdiff_t HttpConnection::Receive(char* to, std::size_t size, ReadResult* blocked) {
  if (tls_ != nullptr) {
    ERR_clear_error();
    const int got = SSL_read(tls_, to, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
    if (got > 0) {
      return got;
    }
    switch (SSL_get_error(tls_, got)) {
      case SSL_ERROR_WANT_READ:
        *blocked = ReadResult::kNeedRead;
        return -1;
      case SSL_ERROR_WANT_WRITE:
        *blocked = ReadResult::kNeedWrite;
        return -1;
      default:
        *blocked = ReadResult::kClosed;
        return -1;
    }
  }
  while (true) {
    const ssize_t got = recv(fd_, to, size, 0);
    if (got >= 0) {
      return got;
    }
    if (errno == EINTR) {
      continue;
    }
    *blocked = errno == EAGAIN ? ReadResult::kNeedRead : ReadResult::kClosed;
    return -1;
  }
}

HttpConnection::ReadResult HttpConnection::ReadRequest() {
  while (true) {
    switch (FrameRequest()) {
      case Frame::kComplete:
        return ReadResult::kRequest;
      case Frame::kMalformed:
        return ReadResult::kMalformed;
      case Frame::kIncomplete:
        break;
    }
    if (input_size_ == input_capacity_) {
      Reserve(input_capacity_ + 1);
    }
    ReadResult blocked = ReadResult::kClosed;
    const std::ptrdiff_t got =
        Receive(input_.get() + input_size_, input_capacity_ - input_size_, &blocked);
    if (got <= 0) {
      return blocked;
    }
    input_size_ += static_cast<std::size_t>(got);
    bytes_in_ += static_cast<std::uint64_t>(got);
  }
}

HttpConnection::Frame HttpConnection::FrameRequest() {
  const absl::string_view input(input_.get(), input_size_);
  if (head_end_ == 0) {
    const std::size_t end = input.find("\r\n\r\n", head_scanned_);
    if (end == absl::string_view::npos) {
      head_scanned_ = input.size() < 3 ? 0 : input.size() - 3;
      return input.size() > kMaxHead ? Frame::kMalformed : Frame::kIncomplete;
    }
    head_end_ = end + 4;
    if (!ParseRequestHead(input.substr(0, head_end_), &request_)) {
      return Frame::kMalformed;
    }
    chunked_ = absl::EqualsIgnoreCase(request_.Header("Transfer-Encoding"), "chunked");
    const absl::string_view length = request_.Header("Content-Length");
    std::size_t body = 0;
    if (!chunked_ && !length.empty() && (!absl::SimpleAtoi(length, &body) || body > kMaxBody)) {
      return Frame::kMalformed;
    }
    request_end_ = head_end_ + body;
    if (input_size_ < request_end_ || chunked_) {
      if (absl::EqualsIgnoreCase(request_.Header("Expect"), "100-continue")) {
        AppendOutput("HTTP/1.1 100 Continue\r\n\r\n");
        if (Write(SIZE_MAX) != WriteResult::kDone) {
          return Frame::kMalformed;
        }
      }
    }
    Reserve(request_end_);
  }
  if (chunked_) {
    return FrameChunked();
  }
  if (input_size_ < request_end_) {
    return Frame::kIncomplete;
  }
  const absl::string_view whole(input_.get(), input_size_);
  // Parsed again only if the buffer has moved since.
  if (request_.method.data() != whole.data()) {
    ParseRequestHead(whole.substr(0, head_end_), &request_);
  }
  request_.body = whole.substr(head_end_, request_end_ - head_end_);
  return Frame::kComplete;
}

HttpConnection::Frame HttpConnection::FrameChunked() {
  const absl::string_view input(input_.get(), input_size_);
  std::vector<absl::string_view> chunks;
  std::size_t at = head_end_;
  while (true) {
    const std::size_t line_end = input.find("\r\n", at);
    if (line_end == absl::string_view::npos) {
      return Frame::kIncomplete;
    }
    // What follows a semicolon are extensions, which nobody uses.
    const absl::string_view line = input.substr(at, line_end - at);
    std::size_t size = 0;
    if (!absl::SimpleHexAtoi(line.substr(0, line.find(';')), &size) || size > kMaxBody) {
      return Frame::kMalformed;
    }
    const std::size_t data = line_end + 2;
    if (data + size + 2 > input.size()) {
      return Frame::kIncomplete;
    }
    at = data + size + 2;
    if (size == 0) {
      break;
    }
    chunks.push_back(input.substr(data, size));
  }
  std::size_t write = head_end_;
  for (const absl::string_view chunk : chunks) {
    std::memmove(input_.get() + write, chunk.data(), chunk.size());
    write += chunk.size();
  }
  request_end_ = at;
  ParseRequestHead(input.substr(0, head_end_), &request_);
  request_.body = input.substr(head_end_, write - head_end_);
  return Frame::kComplete;
}

void HttpConnection::DropRequest() {
  std::memmove(input_.get(), input_.get() + request_end_, input_size_ - request_end_);
  input_size_ -= request_end_;
  head_end_ = 0;
  head_scanned_ = 0;
  request_end_ = 0;
}

bool HttpConnection::HasInput() const {
  return input_size_ > 0 || (tls_ != nullptr && SSL_has_pending(tls_) == 1);
}

void HttpConnection::SetOutput(std::string head, HttpResponse response) {
  head_ = std::move(head);
  response_ = std::move(response);
  pieces_.clear();
  next_piece_ = 0;
  output_left_ = 0;
  AppendOutput(head_);
  AppendOutput(response_.body);
  for (const absl::string_view slice : response_.slices) {
    AppendOutput(slice);
  }
}

void HttpConnection::AppendOutput(absl::string_view bytes) {
  if (next_piece_ == pieces_.size()) {
    pieces_.clear();
    next_piece_ = 0;
  }
  if (!bytes.empty()) {
    pieces_.push_back({const_cast<char*>(bytes.data()), bytes.size()});
    output_left_ += bytes.size();
  }
}

void HttpConnection::CutOutput(std::size_t size) {
  std::size_t left = size;
  std::size_t piece = next_piece_;
  while (piece < pieces_.size() && left > 0) {
    pieces_[piece].iov_len = std::min(pieces_[piece].iov_len, left);
    left -= pieces_[piece].iov_len;
    ++piece;
  }
  pieces_.resize(piece);
  output_left_ = size - left;
}

std::ptrdiff_t HttpConnection::SendPieces(std::size_t limit, WriteResult* blocked) {
  iovec& first = pieces_[next_piece_];
  if (tls_ != nullptr) {
    const std::size_t size = std::min({first.iov_len, limit, static_cast<std::size_t>(INT_MAX)});
    ERR_clear_error();
    const int sent = SSL_write(tls_, first.iov_base, static_cast<int>(size));
    if (sent > 0) {
      return sent;
    }
    switch (SSL_get_error(tls_, sent)) {
      case SSL_ERROR_WANT_READ:
        *blocked = WriteResult::kNeedRead;
        return -1;
      case SSL_ERROR_WANT_WRITE:
        *blocked = WriteResult::kNeedWrite;
        return -1;
      default:
        *blocked = WriteResult::kClosed;
        return -1;
    }
  }
  msghdr message = {};
  iovec limited = {first.iov_base, std::min(first.iov_len, limit)};
  if (limit < output_left_) {
    message.msg_iov = &limited;
    message.msg_iovlen = 1;
  } else {
    message.msg_iov = &first;
    message.msg_iovlen = std::min<std::size_t>(pieces_.size() - next_piece_, IOV_MAX);
  }
  while (true) {
    const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      return sent;
    }
    if (errno == EINTR) {
      continue;
    }
    *blocked = errno == EAGAIN ? WriteResult::kNeedWrite : WriteResult::kClosed;
    return -1;
  }
}

HttpConnection::WriteResult HttpConnection::Write(std::size_t limit) {
  while (output_left_ > 0) {
    if (limit == 0) {
      return WriteResult::kLimit;
    }
    WriteResult blocked = WriteResult::kClosed;
    const std::ptrdiff_t sent = SendPieces(limit, &blocked);
    if (sent < 0) {
      return blocked;
    }
    auto left = static_cast<std::size_t>(sent);
    bytes_out_ += left;
    output_left_ -= left;
    limit -= left;
    while (left > 0) {
      iovec& piece = pieces_[next_piece_];
      const std::size_t step = std::min(piece.iov_len, left);
      piece.iov_base = static_cast<char*>(piece.iov_base) + step;
      piece.iov_len -= step;
      left -= step;
      if (piece.iov_len == 0) {
        ++next_piece_;
      }
    }
  }
  return WriteResult::kDone;
}

void HttpConnection::ResetOnClose() {
  const linger hard = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

}  // namespace logexport::sandbox
