#ifndef LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_CONNECTION_H_
#define LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include <sys/uio.h>

#include "tests/sandbox/http/http_message.h"

struct ssl_st;

namespace logexport::sandbox {

// One accepted connection: bytes in, framing of requests, bytes out, with or without TLS. Never
// blocks. Used by the server's thread only.
class HttpConnection {
 public:
  // Takes over `fd` (non-blocking) and `tls` (null for plain HTTP; set to the accepting side).
  HttpConnection(int fd, ssl_st* tls);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  enum class ReadResult { kRequest, kNeedRead, kNeedWrite, kClosed, kMalformed };
  // Reads what has arrived until one request is complete; then request() is valid until
  // DropRequest().
  ReadResult ReadRequest();
  const HttpRequest& request() const { return request_; }
  void DropRequest();
  // Whether ReadRequest() has something to do although nothing new may arrive on the socket.
  bool HasInput() const;

  // Queues the head and the body of a response. Its body must not be changed until sent.
  void SetOutput(std::string head, HttpResponse response);
  const HttpResponse& response() const { return response_; }
  std::size_t head_size() const { return head_.size(); }
  std::size_t output_left() const { return output_left_; }
  // Forgets what lies beyond `size` bytes of the output.
  void CutOutput(std::size_t size);
  // Queues further bytes, which must outlive their sending.
  void AppendOutput(absl::string_view bytes);

  enum class WriteResult { kDone, kLimit, kNeedRead, kNeedWrite, kClosed };
  // Sends up to `limit` bytes of the output.
  WriteResult Write(std::size_t limit);

  // Makes the close send RST.
  void ResetOnClose();

  int fd() const { return fd_; }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }

 private:
  enum class Frame { kComplete, kIncomplete, kMalformed };

  Frame FrameRequest();
  // Decodes a chunked body in place once it has arrived whole.
  Frame FrameChunked();
  void Reserve(std::size_t capacity);
  // Bytes read; 0 at the end of the stream; negative: see `*blocked` (kClosed if broken).
  std::ptrdiff_t Receive(char* to, std::size_t size, ReadResult* blocked);
  std::ptrdiff_t SendPieces(std::size_t limit, WriteResult* blocked);

  const int fd_;
  ssl_st* const tls_;

  std::unique_ptr<char[]> input_;
  std::size_t input_size_ = 0;
  std::size_t input_capacity_ = 0;
  std::size_t head_end_ = 0;      // 0 until the request's head is complete
  std::size_t head_scanned_ = 0;  // where the search for its end goes on
  std::size_t request_end_ = 0;
  bool chunked_ = false;
  HttpRequest request_;

  std::string head_;
  HttpResponse response_;
  std::vector<iovec> pieces_;
  std::size_t next_piece_ = 0;
  std::size_t output_left_ = 0;

  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_CONNECTION_H_
