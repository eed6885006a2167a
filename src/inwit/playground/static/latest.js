// Answers may come in another order than they were asked for: the latest question counts.

/** Makes a function that passes on a promise, unless it is called again before that one settles. */
export function latest() {
  let newest = 0;
  return (promise) => {
    const own = ++newest;
    const unless = (settle) => (given) => own === newest && settle(given);
    return new Promise((resolve, reject) => Promise.resolve(promise).then(unless(resolve), unless(reject)));
  };
}
