#pragma once

#include <string>

#include "engine/backup/job.h"
#include "engine/crypto/keys.h"

namespace drydock::backup {

// Files sealed with AES-256-GCM in pieces, so that a file of any length needs little memory:
//
//   "drydock-sealed-1\n" | piece | piece | … | last piece
//
// Each piece is 1 MiB of plain text (the last one less, perhaps nothing) in the form of
// crypto/seal.h; its associated text is "drydock-sealed-1 N more" or "… N last", so that pieces can
// be neither cut off, repeated nor exchanged unseen.

// Writes `from` sealed to `to`. Both paths are checked already.
void seal_file(Job& job, const crypto::Key& key, const std::string& from, const std::string& to);
// The reverse. Throws Error{Integrity} when a piece was altered or is missing, or the key is
// another; what is in `to` is then incomplete.
void open_sealed_file(Job& job, const crypto::Key& key, const std::string& from,
                      const std::string& to);

// What keys are derived for.
inline constexpr std::string_view kSealPurpose = "drydock backup";

}  // namespace drydock::backup
