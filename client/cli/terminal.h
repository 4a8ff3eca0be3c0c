#ifndef LOGEXPORT_CLIENT_CLI_TERMINAL_H_
#define LOGEXPORT_CLIENT_CLI_TERMINAL_H_

#include <iosfwd>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport::cli {

// Where the program reads from and writes to. Answers go to out(), everything said about them to
// err(), in every format.
class Terminal {
 public:
  virtual ~Terminal() = default;

  virtual std::ostream& out() = 0;
  virtual std::ostream& err() = 0;
  virtual std::istream& in() = 0;

  // Whether a person is there to read what is written and to answer questions.
  virtual bool out_is_tty() const = 0;
  virtual bool err_is_tty() const = 0;
  virtual bool in_is_tty() const = 0;
  // Whether a line on err() can be drawn over: err() is a terminal that knows control sequences.
  virtual bool can_redraw() const = 0;
  // Whether out() shows colours, and the person has not turned them off (NO_COLOR, TERM=dumb).
  virtual bool shows_colours() const = 0;
  // Columns and rows of the screen; 80 and 24 where that cannot be known.
  virtual int width() const = 0;
  virtual int height() const = 0;

  // Writes `prompt` to err() and reads a line; with `secret`, what is typed is not shown.
  // ABORTED at the end of input.
  virtual absl::StatusOr<std::string> Ask(absl::string_view prompt, bool secret) = 0;

  // While caught, Ctrl-C only makes interrupted() true; a second Ctrl-C ends the program.
  virtual void CatchInterrupts(bool caught) = 0;
  virtual bool interrupted() const = 0;
};

// The process's own.
Terminal& ProcessTerminal();

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_TERMINAL_H_
