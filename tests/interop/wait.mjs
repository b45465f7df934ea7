// Waiting for another program: a condition, asked again and again, with a deadline.
export async function waitFor(what, condition, { seconds = 20 } = {}) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
