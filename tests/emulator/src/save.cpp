// softgpu: a launch with all memory that it can reach, as it was before and as it is after, in a file: for programs that
// run the machine code of the same kernel and compare.
//
// The file is a line of JSON and then, in the order of its list, the contents of all allocations before the launch, and
// the same after it.
#include <cstdio>
#include <mutex>

#include "config.h"
#include "memory.h"

namespace sg {

namespace {
std::mutex mu;
bool taken = false;  // the first launch of its name is the one
std::vector<Alloc> reached;

void writeContents(FILE* f) {
    for (const Alloc& a : reached) fwrite((const void*)(a.lo + (uint64_t)a.delta), 1, a.size, f);
}
}  // namespace

bool saveBefore(const Launch& L) {
    const std::string& name = cfg().saveKernel;
    std::lock_guard<std::mutex> g(mu);
    if (taken || cfg().saveFile.empty() || L.kernel.find(name) == std::string::npos) return false;
    FILE* f = fopen(cfg().saveFile.c_str(), "wb");
    if (!f) {
        report("cannot write %s", cfg().saveFile.c_str());
        return false;
    }
    taken = true;
    reached = memLive(L.device);
    fprintf(f, "{\"kernel\": \"%s\", \"grid\": [%u, %u, %u], \"block\": [%u, %u, %u], \"static_shared\": %u, "
            "\"dynamic_shared\": %u, \"parameters\": \"", L.kernel.c_str(), L.grid.x, L.grid.y, L.grid.z, L.block.x, L.block.y,
            L.block.z, L.prog->staticShared, L.dynShared);
    for (uint8_t byte : L.params) fprintf(f, "%02x", byte);
    fprintf(f, "\", \"allocations\": [");
    for (size_t i = 0; i < reached.size(); i++)
        fprintf(f, "%s[%llu, %llu]", i ? ", " : "", (unsigned long long)reached[i].lo, (unsigned long long)reached[i].size);
    fprintf(f, "]}\n");
    writeContents(f);
    fclose(f);
    return true;
}

void saveAfter(const Launch&) {
    FILE* f = fopen(cfg().saveFile.c_str(), "ab");
    if (!f) return;
    writeContents(f);
    fclose(f);
}

}  // namespace sg
