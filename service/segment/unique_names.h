#ifndef LOGEXPORT_SERVICE_SEGMENT_UNIQUE_NAMES_H_
#define LOGEXPORT_SERVICE_SEGMENT_UNIQUE_NAMES_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "service/json/json_slice_reader.h"

namespace logexport {

// Gives every field a name of its own, so that no two of them end up as one member of an event:
// "fooBar" and "foo bar" both become foo_bar, and a JSON reader keeps only the last of them.
//
// `made` lists, in ascending order, the places in `fields` whose names were made from another key.
// A made name that another field has already gets a number behind it: foo_bar_2, foo_bar_3. Names
// that are not made never change, and must differ from each other. New names live in `names`.
void MakeNamesUnique(const std::vector<std::size_t>& made, std::vector<JsonField>* fields,
                     std::deque<std::string>* names);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_UNIQUE_NAMES_H_
