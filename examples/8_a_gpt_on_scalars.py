# %% [markdown]
"""
# Lesson 8: a GPT on scalars

You will be able to

- say what the letters of GPT stand for, and write one in 40 lines of arithmetic on single
  numbers;
- draw the attention of one head, and explain one attention weight by the chain rule;
- lift the same lines to arrays, and train them in a minute;
- let it invent names.

About 20 minutes. You need lessons 5 and 7.
"""

# %% [markdown]
# ## Guess the next letter
#
# A GPT, *generative pre-trained transformer*, guesses what comes next. Large ones guess words. Ours
# guesses letters, of names. It gets the beginning of a name, such as `.emm`, and gives a
# probability to each letter that may follow. A dot stands before and after each name, so it can
# also say that the name ends.

# %%
import math
import os
import random

import numpy as np

from autograd_lite import (
    Value,
    draw,
    exp,
    explain,
    fsum,
    lift,
    log_softmax,
    relu,
    softmax,
    sumprod,
    topological_order,
)

NAMES = """
ada adam agnes albert alice alina amelia amy andrea andrew anna anne anton antonia arthur ava barbara
beatrice ben benjamin bernard bertha betty boris brenda carl carla carmen caroline celia charles charlie
chloe chris clara clare claudia clemens colin conrad cora daisy dan daniel daniela dara david dean diana
dora doris dorothy edgar edith edward elena eliza ella ellen elsa emil emilia emily emma eric erica
ernest esther eva evelyn felix fiona flora florian frances frank fred freya frieda gabriel george gerald
gloria grace greta gustav hanna hannah harold harriet harry hazel helen helena henry hilda holly hugo
ian ida ingrid irene iris isaac isabel isla ivan ivy jack jacob james jan jane janet jasmine jean jenny
joan joanna johanna john jonas joseph judith julia julian june karen karin karl kate kevin kim lara
laura lena leo leon leonard lily lina linda lisa liz lola lotte louis louisa lucas lucia lucy luis luke
lydia mabel marco margaret maria marian marie marina mark martha martin mary mathilda matilda max maya
mia michael mila mona monica nadia nancy naomi nathan nelly nick nina noah nora norman oliver olivia
oscar otto paul paula pauline peter petra philip rachel ralph rebecca rita robert roland rosa rose ruby
rudolf ruth sally sam samuel sandra sara sarah selma simon sofia sophie stella stephen susan sylvia tara
theo theresa thomas tim tina tom tony ursula valerie vera victor victoria vincent viola walter wanda
wendy william yvonne zoe
""".split()

LETTERS = ".abcdefghijklmnopqrstuvwxyz"
LONGEST = 9  # letters to be guessed: eight and the dot after them
print(f"{len(NAMES)} names, the longest of {max(map(len, NAMES))} letters; {len(LETTERS)} symbols")

# %% [markdown]
# **How good is a guess?** If the right letter had the probability p, the cost is the **surprise**,
# −ln p. With p = 1 it is 0. A guess that gives the same probability to all 27 symbols has a
# surprise of −ln(1/27) = 3.3 each time. This is the number to beat.
#
# **How does a letter become numbers?** Letter number i is a list of 27 numbers, all 0 but for a 1
# in place i. A matrix times that list picks column i of the matrix: 12 numbers that stand for the
# letter. They are parameters, and learned as all others.


# %%
def picked(letter):
    """Return 27 numbers: a 1 in the letter's place, and 0 elsewhere."""
    return [float(symbol == letter) for symbol in LETTERS]


def sample(name):
    """Return the letters that it gets, and those that it should guess, filled up with zeros to one length."""
    zeros = [[0.0] * len(LETTERS)] * (LONGEST - len(name) - 1)
    return [*map(picked, "." + name), *zeros], [*map(picked, name + "."), *zeros]


# %% [markdown]
# ## Attention
#
# To guess what follows `.emm`, it helps to look back. Each place makes three lists of numbers from
# what it knows, with a matrix for each:
#
# - a **query**: what am I looking for?
# - a **key**: what do I have?
# - a **value**: what do I tell those who look at me?
#
# A place compares its query with the key of each place up to itself: it multiplies number by number
# and adds up. This gives a **score**. The better they fit, the larger it is. Then **softmax** makes
# of the scores positive numbers whose sum is 1, the **attention weights** α: αᵢ = eᵢ / (e₀ + e₁ +
# …) with eᵢ = exp(scoreᵢ). And what the place gets is the mean of the values, weighted with α.
#
# Here is one place that looks at three, itself among them. Queries and keys have two numbers.

# %%
query = [Value(1.0, "q0"), Value(-0.5, "q1")]
keys = [[0.5, 1.0], [2.0, 0.5], [-1.0, 0.0]]

scores = [sumprod(query, key) for key in keys]
exponentials = [exp(score) for score in scores]
total = fsum(exponentials)
alpha = [e / total for e in exponentials]

total.label = "t"
for i in range(3):
    scores[i].label, exponentials[i].label, alpha[i].label = f"s{i}", f"e{i}", f"α{i}"
print("attention weights:", ", ".join(f"{weight.data:.3f}" for weight in alpha))

# %%
alpha[1].backward()
draw(alpha[1], highlight=scores[1])

# %% [markdown]
# How does the weight α1 change with its own score? Two paths lead from s1 to α1. If s1 grows, e1
# grows, and α1 with it. But the total grows, too, and α1 is divided by that:

# %%
print(explain(alpha[1], scores[1]))
print(f"α1·(1 − α1) = {alpha[1].data * (1 - alpha[1].data):.4f}")

# %% [markdown]
# **Question 1.** What is ∂α1/∂s0, the effect of **another** score? Follow the one path, and write
# it with α0 and α1.
#
# <details><summary>Answer</summary>
#
# It leads through e0 and t: (−α1/t)·1·e0 = −α0·α1. It is negative. What one place gets, the others
# lose: the weights have the sum 1.
#
# </details>
#
# ## The whole model
#
# Below is all of it. Each place goes through these steps:
#
# 1. The letter's 12 numbers, plus 12 that stand for the place.
# 2. Attention, by 3 **heads** that look for different things, each with 4 of the 12 numbers. The
#    result is **added** to what the place knew.
# 3. A network as in lesson 4, with one hidden layer of 24 neurons. Again the result is added.
# 4. A matrix that makes 27 scores of the 12 numbers, one for each symbol. Softmax of them is the
#    guess.
#
# `norm` brings the 12 numbers to a common size, so that no step gets numbers that are much too
# large or too small.

# %%
WIDTH, HEADS, HIDDEN = 12, 3, 24


def times(matrix, x):
    """Return the product of a matrix and a list: a sum of products for each row."""
    return [sumprod(row, x) for row in matrix]


def plus(x, y):
    """Return the sum, number by number."""
    return [a + b for a, b in zip(x, y)]


def norm(x):
    """Return x, divided by the root of the mean of its squares."""
    scale = (sumprod(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


def attention(query, keys):
    """Return the attention weights of one head."""
    return softmax([sumprod(query, key) / math.sqrt(len(query)) for key in keys])


def gpt(P, letters):
    """Return for each place the 27 scores of the symbol after it, and the attention weights of its heads."""
    size = WIDTH // HEADS
    heads = [slice(first, first + size) for first in range(0, WIDTH, size)]
    keys, values, guesses, looks = [], [], [], []
    for place, letter in enumerate(letters):
        x = norm(plus(times(P["letters"], letter), P["places"][place]))
        query = times(P["query"], x)
        keys.append(times(P["key"], x))
        values.append(times(P["value"], x))
        looks.append([attention(query[head], [key[head] for key in keys]) for head in heads])
        found = [
            sumprod(weights, column)
            for head, weights in zip(heads, looks[-1])
            for column in zip(*[value[head] for value in values])
        ]
        x = plus(x, times(P["output"], found))
        hidden = [relu(z) for z in times(P["wide"], norm(x))]
        x = plus(x, times(P["narrow"], hidden))
        guesses.append(times(P["guess"], x))
    return guesses, looks


def cost(P, letters, targets):
    """Return the sum of the surprises in one name; where the targets are zeros, there is none."""
    guesses, _ = gpt(P, letters)
    return fsum([-sumprod(y, log_softmax(scores)) for scores, y in zip(guesses, targets)])


# %% [markdown]
# **Question 2.** Where does it say that a place must not look at letters after it, which it is to
# guess?
#
# <details><summary>Answer</summary>
#
# `keys` and `values` get longer from place to place. When a place looks, they hold the places up to
# itself, and no others.
#
# </details>
#
# The parameters are nine matrices of random numbers.

# %%
shapes = {
    "letters": (WIDTH, len(LETTERS)),
    "places": (LONGEST, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "output": (WIDTH, WIDTH),
    "wide": (HIDDEN, WIDTH),
    "narrow": (WIDTH, HIDDEN),
    "guess": (len(LETTERS), WIDTH),
}
stream = np.random.default_rng(0)
P = {name: 0.2 * stream.normal(size=shape) for name, shape in shapes.items()}
print(f"{sum(matrix.size for matrix in P.values())} parameters")

# %% [markdown]
# ## One name, on scalars
#
# All of it is arithmetic on single numbers. So it runs on Values, and `backward()` finds the
# gradients of all parameters.


# %%
def values_of(P):
    """Return the parameters as Values, each with its name."""
    return {
        name: [
            [Value(w, f"{name}[{i},{j}]") for j, w in enumerate(row)] for i, row in enumerate(matrix.tolist())
        ]
        for name, matrix in P.items()
    }


on_scalars = values_of(P)
C = cost(on_scalars, *sample("emma"))
C.label = "C"
C.backward()
print(f"{len(topological_order(C)):,} nodes")
print(f"surprise: {C.data / 5:.3f} for each of the 5 guesses")
print(f"∂C/∂query[0,0] = {on_scalars['query'][0][0].grad:+.6f}")

# %% [markdown]
# The surprise is not far from 3.3: it has learned nothing yet. Now we look at one attention weight
# in the middle of it. The place after `.em` guesses the second m. How much does its first head look
# at the e, and what would happen if it looked more?

# %%
letters, targets = sample("emma")
guesses, looks = gpt(on_scalars, letters[:3])
surprise = -sumprod(targets[2], log_softmax(guesses[2]))
surprise.label = "C"
surprise.backward()
for symbol, weight in zip(".em", looks[2][0]):
    print(f"looks at {symbol}: weight {weight.data:.3f}, ∂C/∂weight = {weight.grad:+.5f}")

# %%
weight = looks[2][0][1]
weight.label = "α"
derivation = explain(surprise, weight)
print(f"{derivation.number_of_paths:,} paths lead from C back to α. They add up to {derivation.value:+.5f}.")

# %% [markdown]
# Each path is a product of local derivatives, as in lesson 2. The way from α goes through the 4
# numbers that the head found, all 12 of the output matrix, all 24 hidden neurons, and all 27
# scores.
#
# On the other side, the weight α was made of parameters. One of them is query[0,0], and few paths
# lead from it to α. It is a part of one number of the query, which goes into all three scores; and
# each score goes into α, by way of the total, too. Here are the gradients of α itself:

# %%
fresh = values_of(P)
_, looks = gpt(fresh, letters[:3])
weight = looks[2][0][1]
weight.label = "α"
weight.backward()
draw(weight, highlight=fresh["query"][0][0])

# %% [markdown]
# **Question 3.** The gradient of a weight is negative. Should the place look more or less there?
#
# <details><summary>Answer</summary>
#
# More. C falls where the weight grows. Training moves every parameter against its gradient, and so
# the scores of such places grow.
#
# </details>
#
# ## Lifted and trained
#
# A training needs thousands of such graphs. We lift `cost`: it is traced for one name, and then
# runs on arrays of all names.
#
# A tenth of the names is held out. The others are trained on, with **Adam**: gradient descent that
# keeps a running mean m of each gradient, and v of its square, and divides one by the root of the
# other. So every parameter goes at its own pace. Besides, every parameter shrinks by a hundredth in
# each step, so that none gets large without need: this holds back the overfitting of lesson 5.

# %%
STEPS = int(os.environ.get("GPT_STEPS", "120"))  # fewer for a quick try

names = NAMES.copy()
random.Random(0).shuffle(names)
held_out, trained_on = names[:24], names[24:]


def arrays_of(names):
    """Return the letters and the targets of all names."""
    letters, targets = zip(*map(sample, names))
    return np.array(letters), np.array(targets)


def per_guess(cost, names):
    """Return the mean surprise at a guess, from that in a name."""
    return cost * len(names) / sum(len(name) + 1 for name in names)


seen, unseen = arrays_of(trained_on), arrays_of(held_out)
lifted = lift(cost, in_axes=(None, 0, 0))
m = {name: np.zeros(shape) for name, shape in shapes.items()}
v = {name: np.zeros(shape) for name, shape in shapes.items()}
for step in range(STEPS + 1):
    mean, gradients = lifted(P, *seen)
    if step % 20 == 0:
        surprise, other = per_guess(mean, trained_on), per_guess(lifted(P, *unseen)[0], held_out)
        print(f"step {step:3}: surprise {surprise:.2f}, at names held out {other:.2f}")
    for name, gradient in gradients.items():
        m[name] = 0.9 * m[name] + 0.1 * gradient
        v[name] = 0.99 * v[name] + 0.01 * gradient**2
        unbiased_m, unbiased_v = m[name] / (1 - 0.9 ** (step + 1)), v[name] / (1 - 0.99 ** (step + 1))
        P[name] = 0.99 * P[name] - 0.01 * unbiased_m / (np.sqrt(unbiased_v) + 1e-8)

# %% [markdown]
# **Question 4.** The surprise at the names held out falls at first. And then?
#
# <details><summary>Answer</summary>
#
# It rises again, after step 40 or so, while it still falls for the others: the model begins to
# remember the names that it sees. That is overfitting. Without the shrinking it goes much faster:
# try `P[name] - 0.01 * …`. A large GPT is trained on so much text that it sees most of it only
# once.
#
# </details>
#
# And it is really the function above: the program has a few hundred operations on arrays, and the
# engine confirms its gradients.

# %%
print(str(lifted).splitlines()[-1])
on_scalars = values_of(P)
cost(on_scalars, *sample("emma")).backward()
engine = np.array([[w.grad for w in row] for row in on_scalars["query"]])
_, gradients = lifted(P, *arrays_of(["emma"]))
agree = np.allclose(gradients["query"], engine, rtol=1e-9, atol=1e-12)
print(f"the same gradients by the engine, to 9 digits: {agree}")

# %% [markdown]
# ## New names
#
# Now it writes. It begins with a dot, and draws a letter by the probabilities of its guess. It gets
# what it has written so far, and draws the next. It stops at a dot. `gpt` runs here on plain
# numbers, without a graph: the same lines a third time.


# %%
def write(P, dice):
    """Return a name, drawn letter by letter."""
    name = ""
    while len(name) < LONGEST - 1:
        guesses, _ = gpt(P, [picked(letter) for letter in "." + name])
        (letter,) = dice.choices(LETTERS, softmax(guesses[-1]))
        if letter == ".":
            break
        name += letter
    return name


numbers = {name: matrix.tolist() for name, matrix in P.items()}
dice = random.Random(1)
written = [write(numbers, dice) for _ in range(24)]
print("new:      ", *sorted({name for name in written if name not in NAMES}))
print("not new:  ", *sorted({name for name in written if name in NAMES}))

# %% [markdown]
# And what does it look at now? For each letter of a name, where each head looks:

# %%
name = ".emma"
_, looks = gpt(numbers, [picked(letter) for letter in name])
for head in range(HEADS):
    print(f"head {head}:    " + "     ".join(name))
    for place, letter in enumerate(name):
        print(f"after {letter}   " + "  ".join(f"{weight:.2f}" for weight in looks[place][head]))

# %% [markdown]
# **Question 5.** The names that it invents often end well. Which parameters could have learned
# that, and from what?
#
# <details><summary>Answer</summary>
#
# All of them, from the dots: the dot after a name is a symbol to be guessed like every other. Where
# names end in a, for example, the score of the dot after an a grows.
#
# </details>
#
# Next: [lesson 9](9_a_new_operation.ipynb), an operation that the engine does not have yet.
