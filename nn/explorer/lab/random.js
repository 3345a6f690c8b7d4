// Python's random numbers, so that a seed means the same here as there: the Mersenne Twister MT19937 of
// Matsumoto and Nishimura (1998), and what random.Random makes of its 32 bits.

const TWISTER = {n: 624, m: 397, matrix: 0x9908b0df, upper: 0x80000000, lower: 0x7fffffff};

class Random {
  // `seed` is a whole number; its size alone counts, as in Python.
  constructor(seed) {
    const key = [];
    for (let rest = BigInt(Math.abs(seed)); rest || !key.length; rest >>= 32n)
      key.push(Number(rest & 0xffffffffn));
    this.state = new Uint32Array(TWISTER.n);
    this.seedByArray(key);
    this.spare = null; // Gauss's numbers come in pairs
  }

  seedByArray(key) {
    const {state} = this;
    const {n} = TWISTER;
    state[0] = 19650218;
    for (let i = 1; i < n; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    let [i, j] = [1, 0];
    const next = () => {
      if (++i < n) return;
      state[0] = state[n - 1];
      i = 1;
    };
    const mixed = (factor) => state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), factor);
    for (let k = Math.max(n, key.length); k > 0; k--) {
      state[i] = mixed(1664525) + key[j] + j;
      next();
      j = (j + 1) % key.length;
    }
    for (let k = n - 1; k > 0; k--) {
      state[i] = mixed(1566083941) - i;
      next();
    }
    state[0] = 0x80000000;
    this.at = n;
  }

  twist() {
    const {state} = this;
    const {n, m, matrix, upper, lower} = TWISTER;
    for (let i = 0; i < n; i++) {
      const y = (state[i] & upper) | (state[(i + 1) % n] & lower);
      state[i] = state[(i + m) % n] ^ (y >>> 1) ^ (y & 1 ? matrix : 0);
    }
    this.at = 0;
  }

  // The next 32 bits.
  bits() {
    if (this.at === TWISTER.n) this.twist();
    let y = this.state[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // From 0 to below 1, with 53 bits.
  random() {
    const high = this.bits() >>> 5;
    return (high * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  uniform(low, high) {
    return low + (high - low) * this.random();
  }

  // Normally distributed, by the method of Box and Muller.
  gauss(mean, deviation) {
    let z = this.spare;
    this.spare = null;
    if (z === null) {
      const angle = this.random() * 2 * Math.PI;
      const radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.spare = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }

  // A whole number from 0 to below n.
  below(n) {
    const unused = Math.clz32(n);
    let found = this.bits() >>> unused;
    while (found >= n) found = this.bits() >>> unused;
    return found;
  }

  // All of a list in another order, as Python's random.sample(list, len(list)).
  sample(list) {
    const pool = [...list];
    return list.map((_, i) => {
      const j = this.below(pool.length - i);
      const taken = pool[j];
      pool[j] = pool[pool.length - i - 1];
      return taken;
    });
  }
}
