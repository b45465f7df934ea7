// Loaded before the program (LD_PRELOAD): while the file that STUCK_DISK names exists, nothing that
// waits for the disk comes back.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void wait_for_disk(void) {
  const char* flag = getenv("STUCK_DISK");
  while (flag != NULL && access(flag, F_OK) == 0) usleep(10000);
}

int fsync(int file) {
  wait_for_disk();
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return real(file);
}

int fdatasync(int file) {
  wait_for_disk();
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return real(file);
}

int msync(void* at, size_t bytes, int flags) {
  wait_for_disk();
  int (*real)(void*, size_t, int) = (int (*)(void*, size_t, int))dlsym(RTLD_NEXT, "msync");
  return real(at, bytes, flags);
}

int rename(const char* from, const char* to) {
  wait_for_disk();
  int (*real)(const char*, const char*) = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  return real(from, to);
}
