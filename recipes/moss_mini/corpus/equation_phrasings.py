"""How people ask for the solution of an equation: tables of phrasings, one a line or separated by " | ".

Slots: {e} the equation or system as typed, {l} and {r} its two sides, {v} the unknown, {w} a second unknown,
{ref} words that point at the last result. A "\\n" is a line break. `equations.py` puts an opener before and a closer
after them and roughens the text, so a table holds only the plain form of each.
"""


def table(text: str) -> tuple[str, ...]:
    """The phrasings of a table's text, without doubles, in order."""
    cells = (cell.strip().replace("\\n", "\n") for line in text.strip().splitlines() for cell in line.split(" | "))
    return tuple(dict.fromkeys(cell for cell in cells if cell))


# Whole equations in one unknown, linear or quadratic.
ASK_ONE = {
    "en": table("""
{e} | {e}? | {e}, {v}? | {e} {v}=? | {e}, {v} = ? | {e}; {v}=? | {e} => {v} = ? | {v}: {e} | {v}? {e} | {e} solve
{e} solve for {v} | {e} find {v} | {e} what is {v} | {e}. What's {v}? | {e}. Find {v}. | {e}. Solve. | {e}, solve it.
{e}: what is {v}? | {e}: solve for {v} | {e} - what is {v}? | {e} -- find {v} | {e} ({v} = ?) | {e}, so {v} is?
{e}, then what is {v}? | {e}, so what is {v}? | {e} solution? | {e} solved for {v} | {e} how much is {v}?
Solve {e} | Solve {e}. | Solve: {e} | Solve for {v}: {e} | Solve for {v} in {e}. | Solve {e} for {v}. | Solve this: {e}
Solve the equation {e}. | Solve the equation: {e} | Solve the equation {e} for {v}. | Solve this equation: {e}
Solve this equation for {v}: {e} | Solve the following equation: {e} | Solve the following for {v}: {e} | Solve this one: {e}
Solve the following: {e} | Solve\\n{e} | Solve for {v}\\n{e} | Solve for {v}.\\n\\n{e} | Solve the equation below.\\n{e}
Solve for the unknown: {e} | Solve for the variable: {e} | Solve for the unknown {v}: {e} | Solve {v}: {e} | Solve {v} in {e}
Solve, for {v}, the equation {e} | Solve this thing: {e} | Solve the problem {e} | Solve this math problem: {e}
Find {v}: {e} | Find {v} if {e}. | Find {v} when {e}. | Find {v} in {e}. | Find {v} given {e}. | Find {v} such that {e}.
Find {v} given that {e}. | Find {v} so that {e}. | Find {v} where {e} | Find {v} from {e} | Find {v} for {e}
Find the value of {v}: {e} | Find the value of {v} if {e}. | Find the value of {v} in {e}. | Find the value of {v} when {e}.
Find the value of {v} for which {e}. | Find the value of {v} that satisfies {e}. | Find all {v} with {e}. | Find out {v}: {e}
Find every {v} that satisfies {e}. | Find the unknown: {e} | Find the unknown in {e} | Find the solution of {e}.
Find the solution to {e}. | Find the solutions of {e}. | Find the solution set of {e}. | Find the missing value: {e}
Find the number {v} for which {e} | Find the missing number {v}: {e}
What is {v} if {e}? | What is {v} when {e}? | What is {v} in {e}? | What is {v} in the equation {e}? | What is {v}: {e}
What's {v} if {e}? | What's {v} when {e}? | What's {v} in {e}? | Whats {v} if {e} | What is {v}? {e} | What's {v} given {e}?
What is the value of {v} if {e}? | What is the value of {v} in {e}? | What is the value of {v} when {e}? | What value is {v} if {e}?
What is the solution of {e}? | What is the solution to {e}? | What are the solutions of {e}? | What are the solutions to {e}?
What is the answer to {e}? | What's the answer to {e}? | What's the solution to {e}? | What does {v} equal if {e}?
What does {v} equal in {e}? | What does {v} equal when {e}? | What does {v} have to be if {e}? | What must {v} be if {e}?
What must {v} be so that {e}? | What should {v} be if {e}? | What should {v} be so that {e}? | What would {v} be if {e}?
What could {v} be if {e}? | What can {v} be if {e}? | What values can {v} take if {e}? | What number is {v} if {e}?
What number is {v} in {e}? | What value of {v} satisfies {e}? | What value of {v} solves {e}? | What value of {v} makes {e} true?
What values of {v} satisfy {e}? | What {v} satisfies {e}? | What {v} solves {e}? | What {v} makes {e} true? | What {v} gives {e}?
What {v} makes this true: {e} | What do I get for {v} if {e}? | What do you get for {v} in {e}? | What is {v} equal to if {e}?
What is {v} equal to in {e}? | What is {v} supposed to be in {e}? | What's the value of {v} here: {e} | What's {v} here? {e}
Which {v} satisfies {e}? | Which {v} solves {e}? | Which value of {v} satisfies {e}? | Which value of {v} makes {e} true?
Which number must {v} be if {e}? | Which number does {v} stand for in {e}? | Which values of {v} fulfil {e}? | Which {v} fits {e}?
For what {v} is {e}? | For which {v} is {e}? | For what value of {v} is {e}? | For which value of {v} does {e} hold?
For which {v} does {e} hold? | For what values of {v} does {e} hold? | For which {v} is it true that {e}? | For what {v} do we have {e}?
When is {e}? | When is {e} true? | When does {e} hold? | When will {e} be true? | At what {v} is {e}? | Where is {e}?
If {e}, what is {v}? | If {e}, what's {v}? | If {e}, then what is {v}? | If {e} then {v} = ? | If {e}, find {v}. | If {e} what is {v}
If {e}, then {v} is what? | If {e}, what does {v} equal? | If {e}, what must {v} be? | If {e}, how much is {v}?
If {e}, what is the value of {v}? | If {e}, then find the value of {v}. | If {e}, determine {v}. | If {e}, {v} is? | if {e} whats {v}
If {e}, what number is {v}? | If {e}, solve for {v}. | If {e}, which number is {v}? | If I know that {e}, what is {v}?
Given {e}, find {v}. | Given {e}, what is {v}? | Given that {e}, find {v}. | Given that {e}, what is {v}? | Given {e}, solve for {v}.
Given that {e}, calculate {v}. | Given the equation {e}, find {v}. | Given the equation {e}, what is {v}? | Given: {e}. Wanted: {v}.
Suppose {e}. What is {v}? | Suppose that {e}. Find {v}. | Let {e}. Find {v}. | Let {e}. What is {v}? | Assume {e}. What's {v}?
Assuming {e}, what is {v}? | Knowing that {e}, find {v}. | Say {e}. What's {v} then? | We know {e}. What is {v}?
We have {e}. What is {v}? | I have {e}. What is {v}? | I've got {e}, what is {v}? | There is an equation {e}. What is {v}?
The equation is {e}. What is {v}? | The equation {e} has which solution? | The equation is {e}. Solve it. | Here is an equation: {e}. Solve it.
Equation: {e} | Equation: {e}. {v} = ? | Equation: {e}\\nUnknown: {v} | Equation to solve: {e} | Problem: {e}. Find {v}. | Question: {e}, {v}=?
Determine {v}: {e} | Determine {v} if {e}. | Determine the value of {v} in {e}. | Determine {v} from {e}. | Determine the solution of {e}.
Calculate {v}: {e} | Calculate {v} if {e}. | Calculate {v} from {e}. | Calculate the value of {v} in {e}. | Compute {v} if {e}.
Compute {v} from {e} | Compute the solution of {e} | Work out {v}: {e} | Work out {v} if {e}. | Work out the value of {v} in {e}.
Work out {e} | Work {v} out of {e} | Figure out {v}: {e} | Figure out {v} in {e} | Figure out what {v} is: {e} | Get {v} from {e}
Get {v}: {e} | Get me {v}: {e} | Give me {v}: {e} | Give me {v} if {e} | Give me the solution of {e} | Give the solution of {e}.
Give the value of {v} if {e}. | Tell me {v} if {e}. | Tell me what {v} is if {e}. | Tell me what {v} is in {e}. | Tell me {v}: {e}
Tell me the solution of {e} | Show me the solution of {e} | Show me what {v} is: {e} | Evaluate {v} in {e} | Evaluate {v} if {e}
Isolate {v}: {e} | Isolate {v} in {e} | Rearrange {e} and find {v}. | Rearrange for {v}: {e} | Do {e} | Do this one: {e} | Try {e}
Try this: {e} | Try solving {e} | Crack {e} for me | Answer this: {e}, what is {v}? | Check what {v} is when {e} | Look for {v}: {e}
Unknown {v}: {e} | Value of {v} if {e} | Value of {v} in {e} | Value of {v}? {e} | The value of {v} in {e} | The value of {v} if {e} is?
Solution of {e} | Solution of {e}? | Solution to {e}? | Solution for {e} | Solutions of {e} | solution: {e} | The solution of {e}
The answer to {e}? | Answer of {e} | answer for {e}? | {v} in {e} | {v} in {e}? | {v} if {e} | {v} if {e}? | {v} when {e}? | {v} = ? if {e}
{v} = ? when {e} | {v}=? {e} | {v} is what if {e}? | {v} equals what when {e}? | {v} such that {e} | {v} where {e}? | {v} for {e}?
Can you solve {e}? | Can you solve {e} for {v}? | Can you find {v} if {e}? | Can you find {v} in {e}? | Can you tell me {v} if {e}?
Can you work out {v} from {e}? | Can you solve for {v}: {e} | Can you do {e}? | Can you figure out {v} in {e}? | can u solve {e}
Could you solve {e}? | Could you find {v}: {e} | Could you tell me what {v} is if {e}? | Could you work out {v} when {e}?
Could you help me solve {e}? | Would you solve {e} for me? | Would you find {v} in {e}? | Will you solve {e} for me? | Can MOSS solve {e}?
Do you know {v} if {e}? | Do you know the solution of {e}? | Do you know what {v} is in {e}? | Do you know how to solve {e}?
How do I solve {e}? | How do you solve {e}? | How to solve {e} | How to solve {e}? | How can I solve {e}? | How would you solve {e}?
How do I find {v} if {e}? | How do I get {v} from {e}? | How much is {v} if {e}? | How much is {v} in {e}? | How big is {v} if {e}?
How large must {v} be so that {e}? | How do I work out {v}: {e} | how do you find {v} in {e}
I need {v}: {e} | I need to solve {e}. | I need the solution of {e}. | I need to find {v} in {e}. | I need to know {v} if {e}.
I want to solve {e}. | I want to know {v} if {e}. | I want {v}. {e} | I'd like to solve {e}. | I'd like to know what {v} is if {e}.
I have to solve {e}. | I have to find {v} where {e}. | I have the equation {e}. | I have the equation {e}. What is {v}? | I can't solve {e}
I must solve {e} | I'm trying to solve {e}. | I'm trying to find {v} in {e}. | I'm stuck on {e}. | I am looking for {v} with {e}.
I'm looking for the solution of {e}. | I don't understand {e}. What is {v}? | I don't know how to solve {e} | I got {e}. What's {v}?
I wonder what {v} is if {e}. | I was wondering what {v} is when {e}. | My equation is {e}. | My equation is {e}. What is {v}?
Let's solve {e}. | Let's find {v}: {e} | Let us solve {e} | Let's do {e} | Let's see: {e}, {v} = ? | Help me solve {e}. | Help me with {e}.
Help me find {v}: {e} | Help with {e} | Help! {e} | Help me figure out {v}: {e} | Need help with {e} | Use the solver on {e}
Use the equation solver: {e} | Use your solver for {e} | Use the solver to find {v}: {e} | Run the solver: {e} | Solver: {e}
Which solution does {e} have? | Does {e} have a solution? | Does {e} have a solution, and which? | Is there a {v} with {e}?
Is there a number {v} such that {e}? | Is there a solution to {e}? | What's the unknown in {e}? | What is the unknown if {e}?
It says {e}. What's {v}? | It says: solve {e} | It is known that {e}. Find {v}. | The exercise says {e}. | The task: solve {e} | Task: {e}
Exercise: solve {e} | Exercise 1: {e} | 1) {e} | a) {e} | Q: {e} | Q: solve {e} | Homework: {e} | Next: {e} | Next one: {e}
Another one: {e} | One more: {e} | And {e}? | And this: {e} | And now {e} | Now {e} | Now solve {e} | Now this one: {e} | What about {e}?
How about {e}? | And what about {e}? | Then {e}? | Also {e} | Also solve {e} | Same for {e} | Same with {e} | Next, solve {e}
Now find {v} if {e} | Now what is {v} if {e}? | And if {e}? | But what if {e}? | And what is {v} if {e}? | Then what is {v} if {e}?
solve for {v} {e} | solve {v} {e} | find {v} {e} | {e} {v} | {e} answer? | {e} pls solve | {e} solve pls | {e} = ? {v} | {e}, {v} = ____ | {e}; find {v}. | {e}. {v}? | {e} ... {v}? | {e}, any idea what {v} is?
eq: {e} | Eqn: {e} | My problem: {e} | Solve equation {e} | Solve equation: {e} | Equation {e} | The equation {e}, please solve it. | Find root: {e} | Find solution: {e} | Compute {v}: {e} | Compute {v}, {e}
Given: {e}. Find: {v}. | Find {v}, {e} | Find {v}, if {e} | Find {v} please: {e} | Find out what {v} is if {e} | Find what {v} equals: {e} | Find the solution: {e} | Find the answer to {e} | {e} find the value of {v}
{e}. Find the value of {v}. | {e}, find the value of {v} | {e}, determine {v} | {e}, calculate {v} | {e}. Calculate {v}. | {e}, how do I get {v}? | {e}, how can I find {v}? | {e} how to solve | {e} - can you solve it?
{e}, can you find {v}? | {e}. Can you tell me what {v} is? | {e}. Do you know {v}? | {e}. I need {v}. | {e}. I want to know {v}. | {e}, tell me {v} | {e} tell me {v} | {e}, {v} must be? | {e}, what value does {v} have?
{e}. Which value does {v} have? | {e}, what number is {v}? | {e} has what solution? | {e} - solution please | {e} is true for which {v}? | {e} holds for what {v}? | {v} satisfies {e}. Find {v}. | {v} satisfies {e}. What is {v}?
{v} is a number with {e}. What is it? | A number {v} satisfies {e}. Which one? | Let {v} be a number with {e}. Find {v}. | The unknown {v} satisfies {e}. | Let's say {e}. What would {v} be? | Imagine {e}. What's {v}? | If we have {e}, what is {v}?
If we know {e}, what is {v}? | If it is known that {e}, find {v}. | In the equation {e}, what is {v}? | In the equation {e}, find {v}. | In {e}, what is {v}? | In {e} what does {v} equal? | In {e}, find {v}. | From {e}, find {v}. | From {e} get {v}
From {e} what is {v}? | Get the solution of {e} | Get {v}. {e} | Could you calculate {v} if {e}? | Could you please solve {e}? | Can you please find {v} in {e}? | Can you help me find {v}? {e} | Can you help me with {e}? | Can you help me solve {e}?
Please can you solve {e}? | Please tell me {v} if {e}. | Please work out {v} in {e}. | Would you mind solving {e}? | Mind solving {e}? | Any chance you can solve {e}? | Solve this please: {e} | Solve quickly: {e} | Solve for me {e}
What does {v} come out to in {e}? | What does {v} stand for in {e}? | What do we get for {v} from {e}? | What would make {e} true? | What makes {e} true? | What solves {e}? | What's the root of {e}? | What number makes {e} true? | Which number makes {e} true?
Which number solves {e}? | Which number satisfies {e}? | What number satisfies {e}? | Who can solve {e}? | Why not solve {e}? | OK {e} | So {e}? | Ready? {e} | Please: {e} | Hello {e} | Hi, {e}
"""),
    "zh": table("""
{e} | {e}? | {e}，{v}=? | {e} {v}=？ | {e}，{v}＝？ | {e}，{v}等于几？ | {e}，{v}是多少？ | {e}，{v}等于多少？ | {e}，求{v} | {e}，求{v}。
{e} 求{v} | {e}求{v} | {e} 求解 | {e}，求解。 | {e}求解 | {e} 解方程 | {e}，解方程 | {e}，{v}是几？ | {e}，{v}为多少？ | {e}，{v}为何值？
{e}，求{v}的值。 | {e}，那么{v}是多少？ | {e}，那么{v}等于几？ | {e}，那{v}呢？ | {e}，则{v}=？ | {e}，则{v}等于多少？ | {e}，则{v}的值是多少？
{e}，则{v}的值为 | {e}，{v}得多少？ | {e}，{v}应该是多少？ | {e}，{v}究竟是多少？ | {e}，{v}怎么求？ | {e}怎么解？ | {e} 怎么算 | {e}怎么做？
{e}的解是什么？ | {e}的解是多少？ | {e}的解 | {e}的解是？ | {e}的解为？ | {e}的答案是什么？ | {e}的答案 | {e}这个方程怎么解？ | {e}如何求解？
{e}，帮我解一下。 | {e}，帮我算一下{v}。 | {e}，请求出{v}。 | {e}，请解出{v}。 | {e}，解出{v}。 | {e}，算出{v} | {e}，你会解吗？ | {e}，会做吗？
{e}，{v}的值是？ | {e}，{v}的值是多少？ | {e}中{v}的值是多少？ | {e}中{v}等于几？ | {e}中的{v}是多少？ | {e}里的{v}是多少？ | {e}里面{v}是几？
{e}时{v}是多少？ | {e}时，{v}等于多少？ | {e}的时候{v}是多少？ | {e}时{v}的值 | {e}成立时，{v}是多少？ | {e}成立，{v}应取什么值？ | {e}，未知数是多少？
解方程{e} | 解方程：{e} | 解方程: {e} | 解方程 {e} | 解方程{e}。 | 解方程，{e} | 解方程\\n{e} | 解方程：\\n{e} | 解下列方程：{e} | 解下面的方程：{e}
解下面这个方程：{e} | 解这个方程：{e} | 解这个方程 {e} | 解一下方程{e} | 解一下{e} | 解一下这个方程：{e} | 解一下：{e} | 解{e} | 解：{e} | 解出{e}
解出{v}：{e} | 解出{e}中的{v} | 解出方程{e} | 解出{e}里的{v} | 解关于{v}的方程：{e} | 解关于{v}的方程{e} | 解题：{e} | 解答：{e} | 解得了{e}吗？
求解{e} | 求解：{e} | 求解 {e} | 求解方程{e} | 求解方程：{e} | 求解{e}。 | 求解{v}：{e} | 求解\\n{e} | 求解下列方程：{e} | 求解这个方程：{e}
求{v}：{e} | 求{v}: {e} | 求{v}，{e} | 求{v} {e} | 求{v}的值：{e} | 求{v}的值，{e} | 求{e}中{v}的值 | 求{e}中的{v} | 求{e}的解 | 求{e}的解。
求方程{e}的解 | 求方程{e}的解。 | 求方程{e}中{v}的值 | 求方程的解：{e} | 求未知数：{e} | 求未知数{v}：{e} | 求出{v}：{e} | 求出{v}的值：{e} | 求出{e}的解
求出方程{e}的解 | 求出{e}中的{v} | 求使{e}成立的{v} | 求使{e}成立的{v}的值 | 求满足{e}的{v} | 求满足{e}的{v}的值。 | 求适合{e}的{v} | 求一下{v}：{e}
求一下{e}的解 | 求一个{v}，使{e} | 求{v}，使得{e} | 求{v}，其中{e}
如果{e}，{v}是多少？ | 如果{e}，{v}等于几？ | 如果{e}，那么{v}等于多少？ | 如果{e}，那么{v}是多少？ | 如果{e}，求{v}。 | 如果{e}，那{v}是几？ | 如果{e} {v}等于几
如果{e}，则{v}=？ | 如果{e}，{v}的值是多少？ | 如果{e}，{v}应该是多少？ | 如果{e}成立，{v}是多少？ | 如果{e}的话，{v}是多少？ | {e}的话，{v}是多少？ | {e}的话{v}等于几
若{e}，则{v}等于多少？ | 若{e}，求{v}。 | 若{e}，求{v}的值。 | 若{e}，则{v}的值为多少？ | 若{e}，则{v}= | 若{e}，则{v}是？ | 若{e}，{v}为多少 | 若{e}成立，求{v}
已知{e}，求{v}。 | 已知{e}，求{v}的值。 | 已知{e}，{v}是多少？ | 已知{e}，那么{v}等于几？ | 已知{e}，则{v}=？ | 已知{e}，则{v}等于多少？ | 已知{e} 求{v}
已知方程{e}，求{v}。 | 已知方程{e}，{v}等于多少？ | 已知等式{e}，求{v}的值 | 已知{e}，请问{v}是多少？ | 已知{e}，{v}怎么求 | 假如{e}，{v}是多少？ | 假设{e}，求{v}。
假设{e}，那么{v}是多少？ | 设{e}，求{v}。 | 设{e}，则{v}等于多少？ | 要是{e}，{v}是几？ | 要是{e}，那{v}等于多少 | 当{e}时，{v}等于多少？ | 当{e}时，求{v}的值。
当{e}时{v}是多少 | 当{e}时，{v}的值是多少？ | 当{v}是多少时，{e}？ | 当{v}等于几时，{e}成立？ | 当{v}取何值时，{e}？ | 当{v}为何值时，{e}成立？ | 当{v}为多少时，{e}
{v}为何值时，{e}？ | {v}为何值时{e}成立？ | {v}取什么值时，{e}？ | {v}取多少时{e}？ | {v}是多少时，{e}？ | {v}等于几时{e}？ | {v}等于多少时，{e}成立？ | {v}取几才能让{e}成立？
{v}等于几？{e} | {v}等于多少？{e} | {v}是多少？{e} | {v}=？{e} | {v}是几，{e} | {v}等于几，如果{e}？ | {v}是多少，已知{e} | {v}满足{e}，求{v}。 | {v}满足{e}，{v}是多少？
{v}满足{e}，那么{v}等于？ | {v}应该等于几才能使{e}？ | {v}要等于多少，才有{e}？ | {v}的值是多少：{e} | {v}的值？{e} | {v}在{e}中是多少？ | {v}在方程{e}中等于几？
什么数{v}满足{e}？ | 哪个{v}满足{e}？ | 哪个{v}使{e}成立？ | 哪个{v}能让{e}成立？ | 什么{v}满足{e}？ | 哪个数是{e}的解？ | 什么时候{e}？ | 什么时候{e}成立？ | 何时{e}？
何时{e}成立？ | 怎么解{e}？ | 怎么解方程{e}？ | 怎么求{v}：{e} | 怎样解{e}？ | 如何解{e}？ | 如何解方程{e}？ | 如何求解{e}？ | 怎么算{e}里的{v}？ | 怎么求{e}中的{v}？
方程{e}的解是什么？ | 方程{e}的解是多少？ | 方程{e}的解是？ | 方程{e}的解为 | 方程{e}的解 | 方程{e}怎么解？ | 方程{e}，求{v}。 | 方程{e}，{v}等于几？ | 方程{e}中{v}是多少？
方程：{e} | 方程：{e}，求{v} | 方程是{e}，求{v}。 | 方程是{e}，{v}等于多少？ | 方程{e}有解吗？解是多少？ | 方程{e}有解吗？ | 方程{e}有什么解？ | 方程{e}中的未知数是多少？
等式{e}中，{v}是多少？ | 等式{e}成立，{v}是多少？ | 要使{e}成立，{v}应为多少？ | 要使{e}，{v}应等于几？ | 要让{e}，{v}得是多少？ | 为了使{e}成立，{v}要取多少？ | 使{e}成立的{v}是多少？
使{e}成立的{v}的值 | 满足{e}的{v}是多少？ | 满足{e}的{v}有哪些？ | 满足{e}的数{v}是几？ | 适合方程{e}的{v}是多少？ | 有没有{v}使得{e}？ | 有方程{e}，求{v}。
有一个方程{e}，求{v}。 | 有个方程{e}，怎么解？ | 有个方程：{e} | 有这样一个方程：{e}，{v}是几？ | 这个方程怎么解：{e} | 这个方程的解是多少：{e} | 这个方程{e}，{v}等于几
这道方程{e}怎么解？ | 这题怎么做：{e} | 这道题怎么做：{e} | 这道题：{e} | 这题：{e}，求{v} | 这道题求{v}：{e} | 这个怎么解：{e} | 这个：{e} | 这个呢：{e} | 看看这个：{e}
题目：{e} | 题目：{e}，求{v}。 | 题目是{e}，求{v}的值 | 题目：解方程{e} | 计算{v}：{e} | 计算{e}中{v}的值 | 计算方程{e} | 计算{e}的解 | 算{v}：{e} | 算一下{v}：{e} | 算算{v}：{e}
算出{v}：{e} | 算一下{e}里{v}是多少 | 算出{e}中的{v} | 算一算{e}中{v}等于几 | 帮我解{e} | 帮我解方程{e} | 帮我解一下{e} | 帮我解一下方程：{e} | 帮我解方程：{e}
帮我解这个方程：{e} | 帮我求{v}：{e} | 帮我求一下{e}的解 | 帮我求解{e} | 帮我算{v}：{e} | 帮我算算{e}中的{v} | 帮我看看{e}怎么解 | 帮我做一下：{e} | 帮忙解{e}
帮忙解一下{e} | 帮忙求{v}：{e} | 帮忙算一下{v}，{e} | 给我解{e} | 给我算{v}：{e} | 给我解一下这个方程{e} | 给我{e}的解 | 给出{e}的解 | 给出{v}的值：{e} | 给定{e}，求{v}。
给定{e}，{v}是多少？ | 请解{e} | 请解方程{e} | 请解方程：{e} | 请解方程{e}。 | 请求解{e} | 请求解方程{e}。 | 请求{v}：{e} | 请求出{e}的解 | 请求出{v}的值：{e} | 请问{e}的解是多少？
请问{e}，{v}是多少？ | 请问{v}等于几，{e}？ | 请问方程{e}怎么解？ | 请问{e}怎么解？ | 请问如果{e}，{v}等于多少？ | 请问{e}中{v}是多少？ | 请计算{v}：{e} | 请计算{e}中的{v}
请你解{e} | 请帮我解{e} | 请帮我解方程{e} | 请帮我解一下{e}。 | 请帮我求出{v}：{e} | 请帮忙解方程：{e} | 请告诉我{e}的解 | 请告诉我{v}是多少：{e} | 请找出{e}的解 | 请给出{e}的解。
告诉我{v}等于几：{e} | 告诉我{e}的解 | 告诉我如果{e}，{v}是多少 | 找出{v}：{e} | 找出满足{e}的{v} | 找到{v}，使{e} | 你能解{e}吗？ | 你能解方程{e}吗？ | 你能解出{e}吗？
你能求{e}的解吗？ | 你能算出{e}里的{v}吗？ | 你会解{e}吗？ | 你会解方程{e}吗？ | 你知道{e}的解吗？ | 你知道{e}中{v}等于几吗？ | 能解一下{e}吗？ | 能帮我解{e}吗？ | 能不能解{e}
能不能帮我解一下{e}？ | 能帮我解一下方程{e}吗？ | 能否求解{e}？ | 能告诉我{v}是多少吗？{e} | 可以帮我解{e}吗？ | 可以解{e}吗？ | 可不可以解一下{e} | 可以算一下{e}中的{v}吗？ | 麻烦解一下{e}
麻烦解方程：{e} | 麻烦帮我解{e} | 麻烦求{v}：{e} | 麻烦算一下{v}，{e} | 我想解{e} | 我想解方程{e} | 我想知道{e}的解 | 我想知道如果{e}，{v}是多少 | 我想求{v}：{e} | 我想求{e}的解
我要解{e} | 我要解方程{e} | 我要求{v}，{e} | 我需要{e}的解 | 我需要解{e} | 我有一个方程{e} | 我有个方程：{e}，求{v} | 我不会解{e} | 我不会解方程{e}，帮帮我 | 我不知道{e}怎么解
我算不出{e}里的{v} | 我的方程是{e} | 我在解{e}，{v}是多少？ | 我卡在{e}了，{v}等于几？ | 老师让我解{e} | 老师让我们求{v}：{e} | 作业题：{e} | 作业：解方程{e} | 练习：{e}
用解方程工具解{e} | 用求解器算{e} | 用方程求解器解{e} | 用工具解一下{e} | 试试解{e} | 试着解{e} | 试求{e}的解 | 试求{v}：{e} | 试解方程：{e} | 来解{e} | 来解一个方程：{e} | 来一题：{e}
我们来解{e} | 下一个：{e} | 下一题：{e} | 再来一个：{e} | 再解一个：{e} | 再解{e} | 再来：{e} | 再求{v}：{e} | 那{e}呢？ | 那么{e}呢？ | 那{e}怎么解？ | 那如果{e}呢？ | 还有{e} | 还有：{e}
还有一个方程{e} | 另外，{e}呢？ | 接着解{e} | 接下来解{e} | 现在解{e} | 现在求{v}：{e} | 现在{e}，{v}是多少？ | 换一个：{e} | 换成{e}呢？ | 同样地，解{e} | 1. 解方程{e} | （1）{e} | 第一题：{e}
请问{v}怎么求：{e} | {v}=?已知{e} | 未知数{v}：{e} | 未知数{v}满足{e} | 未知数{v}满足{e}，求{v} | 确定{v}的值：{e} | 确定{e}的解 | 写出{e}的解 | 写出方程{e}的解 | 直接给出{e}的解
solve {e} | solve一下{e} | {e} solve | find {v}：{e} | {v}=? {e} | {v}的值：{e} | {e}，{v}=____ | {e}，{v}为 | {e} {v} | {e}，答案？ | {e}答案是多少 | {e}等式成立，求{v} | {e}，{v}到底是几？ | {e}，{v}是什么？ | {e}，{v}取何值？ | {e}，{v}的解是多少？
{e}，求未知数{v} | {e}，求方程的解。 | {e}，求这个方程的解 | {e}，求该方程的解。 | {e}，解是什么？ | {e}，这个方程的解是多少？ | {e}，这道题怎么解？ | {e}，能告诉我{v}吗？ | {e}，告诉我{v} | {e}，我要{v} | {e}，我想知道{v}是多少 | {e}，你算算{v}
{e}，给出{v} | {e}，请问{v}等于多少？ | {e}，请计算{v}。 | {e}，请解方程。 | {e}，计算{v}的值 | {e}，怎么求{v}？ | {e}，怎么算出{v}？ | {e}，试求{v}的值。 | {e}，{v}能取什么数？ | 在{e}中，{v}是多少？ | 在{e}里，求{v} | 在方程{e}中，{v}等于多少？
在等式{e}中，求{v}的值 | 由{e}求{v} | 由{e}得{v}等于几？ | 根据{e}，求{v}。 | 根据{e}，{v}是多少？ | 从{e}中求出{v} | 从{e}可以得到{v}等于多少？ | 数{v}满足{e}，{v}是多少？ | 设未知数{v}满足{e}，求{v} | 有{e}，问{v}是几？ | 有等式{e}，求{v}
现有方程{e}，求其解。 | 现有{e}，{v}应为多少？ | 只要解{e} | 快解{e} | 快点帮我解{e} | 速解：{e} | 解一解：{e} | 解个方程：{e} | 解个方程{e} | 解方程求{v}：{e} | 解方程，求{v}：{e} | 解方程吧：{e} | 解方程啦 {e} | 帮我解个方程：{e} | 帮我解个方程，{e}
给我解个方程{e} | 方程求解：{e} | 方程求解 {e} | 方程 {e} | 方程题：{e} | 未知数是多少：{e} | 求根：{e} | 求解未知数：{e} | 求值：{e}，{v}=？ | 问：{e}，{v}是几？ | 问题：{e}，{v}是多少？ | 请教一下{e}怎么解 | 请教：{e} | 谁会解{e}
可否求出{e}的解？ | 能不能算出{v}？{e} | 能求出{v}吗？{e} | 你帮我解一下{e}吧 | 你来解{e} | 你解一下{e} | 你看{e}，{v}是几？ | 我这有个方程{e} | 我这里有一个方程：{e} | 我想请你解{e} | 我想让你解{e} | 我想算{v}，{e} | 想求{v}，{e} | 想知道{e}的解 | 想解{e}
"""),
}

# With the two sides apart: "when does 3x+5 equal 20?"
ASK_SIDES = {
    "en": table("""
When does {l} equal {r}? | When is {l} equal to {r}? | When will {l} be {r}? | When is {l} the same as {r}? | When is {l} {r}?
When does {l} become {r}? | When do {l} and {r} agree? | For what {v} is {l} equal to {r}? | For which {v} does {l} equal {r}?
For what value of {v} is {l} equal to {r}? | For which value of {v} is {l} equal to {r}? | For what {v} is {l} the same as {r}?
For what values of {v} does {l} equal {r}? | For what {v} do {l} and {r} have the same value? | At what {v} does {l} equal {r}?
At which {v} is {l} equal to {r}? | At what value of {v} does {l} reach {r}? | What {v} makes {l} equal to {r}? | What {v} makes {l} equal {r}?
What value of {v} makes {l} equal to {r}? | What values of {v} make {l} equal to {r}? | What {v} gives {l} = {r}? | What {v} turns {l} into {r}?
What must {v} be for {l} to equal {r}? | What must {v} be so that {l} is {r}? | What should {v} be to make {l} equal {r}?
What does {v} need to be for {l} to be {r}? | What does {v} have to be so {l} equals {r}? | What do I put in for {v} so that {l} is {r}?
What number do I plug into {l} to get {r}? | Which {v} makes {l} equal to {r}? | Which {v} makes {l} and {r} equal? | Which {v} gives {r} for {l}?
Which value of {v} makes {l} equal {r}? | If {l} equals {r}, what is {v}? | If {l} is {r}, what is {v}? | If {l} is equal to {r}, find {v}.
If {l} is {r}, then {v} is what? | if {l} equals {r} what is {v} | If {l} comes to {r}, what is {v}? | If {l} makes {r}, what's {v}?
If {l} gives {r}, what is {v}? | Given that {l} equals {r}, find {v}. | Given that {l} is {r}, what is {v}? | Given {l} is equal to {r}, find {v}.
Find {v} if {l} equals {r}. | Find {v} if {l} is {r}. | Find {v} such that {l} equals {r}. | Find {v} so that {l} is equal to {r}.
Find the {v} for which {l} is {r}. | Find the value of {v} for which {l} equals {r}. | Find where {l} equals {r}. | Find out when {l} is {r}.
Set {l} equal to {r} and solve. | Set {l} equal to {r} and find {v}. | Set {l} to {r}. What's {v}? | Solve for {v} when {l} equals {r}.
Solve {l} equals {r} | Solve {l} is {r} for {v} | Solve for {v} if {l} is equal to {r} | Make {l} equal to {r}: what is {v}?
I want {l} to be {r}. What should {v} be? | I need {l} to equal {r}. What is {v}? | {l} equals {r}, what is {v}? | {l} is {r}. What is {v}?
{l} is equal to {r}. Find {v}. | {l} equals {r}, find {v} | {l} equals {r}, {v}? | {l} and {r} are equal. What is {v}? | {l} gives {r}, {v} is?
{l} has to be {r}, so {v} is? | Suppose {l} equals {r}. What is {v}? | Tell me when {l} equals {r}. | Tell me for which {v} {l} is {r}.
Can you tell me when {l} is {r}? | Do you know when {l} equals {r}? | Is there a {v} for which {l} is {r}? | how big is {v} when {l} is {r}?
y = {l}. For which {v} is y = {r}? | The expression {l} has the value {r}. What is {v}? | The value of {l} is {r}. Find {v}.
"""),
    "zh": table("""
{l}什么时候等于{r}？ | {l}何时等于{r}？ | {l}等于{r}，{v}是多少？ | {l}等于{r}，求{v}。 | {l}等于{r} 求{v} | {l}等于{r}，{v}等于几？ | {l}等于{r}时，{v}是多少？
{l}等于{r}时{v}等于几 | {l}等于{r}，那么{v}是多少？ | {l}等于{r}的话，{v}是几？ | {l}是{r}，{v}是多少？ | {l}得{r}，{v}是几？ | {l}的值是{r}，求{v}。 | {l}的值为{r}时，{v}为多少？
{l}的值等于{r}，{v}等于多少？ | {l}与{r}相等，求{v}。 | {l}和{r}相等时，{v}是多少？ | {l}跟{r}相等，{v}是多少？ | {l}与{r}的值相等，{v}等于几？ | {l}和{r}一样大，求{v}
如果{l}等于{r}，{v}是多少？ | 如果{l}等于{r}，那么{v}等于几？ | 如果{l}等于{r}，求{v}。 | 如果{l}是{r}，那么{v}是多少？ | 如果{l}的结果是{r}，{v}是几？ | 如果{l}和{r}相等，{v}是多少？
若{l}等于{r}，则{v}是多少？ | 若{l}与{r}相等，则{v}=？ | 若{l}的值为{r}，求{v}的值。 | 已知{l}等于{r}，求{v}。 | 已知{l}等于{r}，{v}是多少？ | 已知{l}与{r}相等，求{v}的值。
已知{l}的值是{r}，那么{v}是几？ | 当{l}等于{r}时，{v}是多少？ | 当{l}等于{r}时，求{v}的值。 | 当{l}的值为{r}时，求{v}。 | 当{v}等于几时，{l}等于{r}？ | 当{v}为何值时，{l}等于{r}？
当{v}取何值时，{l}的值是{r}？ | 当{v}为多少时，{l}与{r}相等？ | {v}等于几时{l}等于{r}？ | {v}是多少时，{l}等于{r}？ | {v}为何值时，{l}的值等于{r}？ | {v}取什么值时，{l}和{r}相等？
{v}取多少能让{l}等于{r}？ | {v}要等于多少，{l}才等于{r}？ | {v}等于多少才能让{l}变成{r}？ | 要使{l}等于{r}，{v}应该是多少？ | 要让{l}等于{r}，{v}得是几？ | 想让{l}等于{r}，{v}取多少？
使{l}等于{r}的{v}是多少？ | 求使{l}等于{r}的{v}。 | 求{v}，使{l}等于{r}。 | 什么时候{l}等于{r}？ | 何时{l}等于{r}？ | 哪个{v}能使{l}等于{r}？ | 令{l}等于{r}，求{v}。
令{l}={r}，{v}=？ | 代数式{l}的值是{r}，求{v}。 | 代数式{l}与{r}的值相等，{v}是多少？ | 式子{l}等于{r}，{v}是多少？ | 算一下{l}等于{r}时的{v} | 帮我求{v}，{l}等于{r} | 请问{l}等于{r}时，{v}是几？
"""),
}

# The right side is 0: roots and zeros of {l}.
ASK_ZERO = {
    "en": table("""
Zeros of {l} | zeros of {l}? | Find the zeros of {l}. | What are the zeros of {l}? | Roots of {l} | Find the roots of {l}. | root of {l}?
What are the roots of {l}? | What is the root of {l}? | Find the root of {l}. | Find all roots of {l}. | Give me the zeros of {l}.
Where is {l} zero? | When is {l} zero? | When is {l} equal to zero? | When does {l} vanish? | When is {l} 0? | Where does {l} become zero?
For which {v} is {l} zero? | For what {v} is {l} equal to 0? | What {v} makes {l} zero? | Which {v} makes {l} zero? | Which {v} makes {l} vanish?
Where does y = {l} cross the {v}-axis? | Where does the graph of {l} cross the {v} axis? | Where does y={l} hit the {v}-axis?
Find the {v}-intercepts of y = {l}. | {v}-intercept of y = {l} | Zeros of f({v}) = {l} | Find the zeros of f({v}) = {l}. | f({v}) = {l}. Find its zeros.
f({v})={l}, when is f({v})=0? | Where is f({v}) = {l} zero? | Solve f({v}) = 0 for f({v}) = {l}. | Let f({v}) = {l}. What are its roots?
The function f({v}) = {l} has which zeros? | The roots of {l} are? | {l} roots | {l} zeros | {l} has which roots? | Compute the roots of {l}
Calculate the zeros of {l} | Determine the roots of {l}. | Can you find the roots of {l}? | Can you find the zeros of {l}? | Tell me the roots of {l}
Set {l} to zero and solve. | Set {l} equal to zero. What is {v}? | {l} is zero, what is {v}? | If {l} is zero, what is {v}? | Solve {l} equals zero
What are the zeroes of {l}? | zeroes of y={l} | I need the zeros of {l}. | How do I find the roots of {l}? | At what points does y={l} meet the {v}-axis?
"""),
    "zh": table("""
{l}的零点 | 求{l}的零点 | 求{l}的零点。 | {l}的零点是什么？ | {l}的零点是多少？ | 函数{l}的零点 | 函数y={l}的零点是多少？ | 求函数y={l}的零点。 | 求函数f({v})={l}的零点。
f({v})={l}的零点 | f({v})={l}，求零点 | f({v})={l}，什么时候f({v})=0？ | 已知f({v})={l}，求f({v})=0的解。 | {l}什么时候等于零？ | {l}什么时候为0？ | {l}何时为零？ | 当{v}为何值时{l}为零？
当{v}等于几时，{l}等于0？ | {v}是多少时{l}的值为零？ | {l}的根 | {l}的根是多少？ | 求{l}的根 | 求多项式{l}的根。 | 多项式{l}的根是什么？ | y={l}与{v}轴交于哪里？
y={l}与{v}轴的交点在哪里？ | 求y={l}与{v}轴交点的横坐标 | 函数y={l}的图象与{v}轴在哪里相交？ | 令{l}为零，求{v} | 令{l}等于0，{v}是多少？ | 如果{l}为零，{v}是多少？ | 若{l}的值为0，求{v}。
使{l}为零的{v}是多少？ | 哪个{v}使{l}等于零？ | 哪些{v}让{l}为0？ | 找出{l}的零点 | 找{l}的根 | 算一下{l}的零点 | 帮我求{l}的根 | 帮我找y={l}的零点 | 请求出{l}的所有零点
"""),
}

# Words that name the kind of equation.
ASK_LINEAR = {
    "en": table("""
Solve the linear equation {e}. | Linear equation: {e} | Solve this linear equation: {e} | What is the solution of the linear equation {e}?
Find the root of {e}. | What is the root of {e}? | Root of {e} | Root of the equation {e}? | Find the only solution of {e}. | Simple equation: {e}
Solve this simple equation: {e} | Algebra: {e} | An easy one: {e} | Solve the first-degree equation {e}. | Find the unknown number {v} in {e}.
Which single number {v} solves {e}? | Here's an algebra question: {e} | Algebra question, {e}, find {v} | Algebra homework: {e}
"""),
    "zh": table("""
解一元一次方程{e} | 解一元一次方程：{e} | 一元一次方程{e}的解是多少？ | 一元一次方程：{e} | 求一元一次方程{e}的解。 | {e}，这个一元一次方程怎么解？ | 方程{e}的根是多少？ | {e}的根
帮我解一元一次方程：{e} | 简单的方程：{e} | 简易方程：{e} | 解一个简单的方程{e} | 这是一道一元一次方程：{e} | 求方程{e}的根 | 请解一元一次方程：{e} | 我在学一元一次方程，{e}怎么解？
"""),
}
ASK_QUADRATIC = {
    "en": table("""
Solve the quadratic {e}. | Solve the quadratic equation {e}. | Solve the quadratic equation: {e} | Quadratic: {e} | Quadratic equation: {e}
Solve this quadratic: {e} | Solve this quadratic equation: {e} | Solve by factoring: {e} | Solve {e} by factoring. | Factor and solve {e}
Solve {e} with the quadratic formula. | Use the quadratic formula: {e} | Use the quadratic formula on {e} | Solve {e} by completing the square.
Find the roots of {e}. | What are the roots of {e}? | Roots of {e} | Roots of {e}? | Roots of the equation {e} | roots: {e} | The roots of {e}?
Find both roots of {e}. | Find both solutions of {e}. | Find both values of {v}: {e} | Find all solutions of {e}. | Find all roots of {e}.
Find all real solutions of {e}. | Find the real roots of {e}. | What are the two solutions of {e}? | What are both solutions of {e}?
What are the possible values of {v} if {e}? | What are the roots of the quadratic equation {e}? | What are the real roots of {e}?
What are all the solutions to {e}? | List the roots of {e}. | List all solutions of {e} | Give both solutions of {e}. | Give me the roots of {e}.
Does {e} have real roots? | Does {e} have real solutions? | Which real numbers satisfy {e}? | Which two numbers solve {e}? | Which roots does {e} have?
Can you find the roots of {e}? | Can you solve the quadratic {e}? | How do I find the roots of {e}? | Calculate the roots of {e}. | Compute the roots of {e}
Determine the roots of {e}. | The quadratic {e} has which roots? | {e} roots | {e} roots? | {e}, both solutions please | {e}, what are the roots?
{e}. Find all values of {v}. | {e}, find both values of {v} | I need the roots of {e}. | I need both solutions of {e} | Solve {e} over the reals.
Solve {e} in real numbers | Find {v}1 and {v}2: {e} | {e}, {v}1 and {v}2? | {v}1, {v}2 = ? {e}
"""),
    "zh": table("""
解一元二次方程{e} | 解一元二次方程：{e} | 一元二次方程{e}的解是多少？ | 一元二次方程{e}的根是什么？ | 一元二次方程：{e} | 求一元二次方程{e}的根。 | 求一元二次方程{e}的解。 | 请解一元二次方程{e}。
帮我解一元二次方程：{e} | {e}，这个一元二次方程怎么解？ | 解二次方程{e} | 二次方程{e}的根 | 二次方程：{e} | 求二次方程{e}的两个根 | {e}的根 | {e}的根是多少？ | {e}的根是什么？ | {e}的两个根
{e}的两个根是多少？ | {e}的两个解 | {e}的实数根 | {e}有哪些根？ | {e}有几个根，分别是多少？ | {e}有实数根吗？ | {e}有实数解吗？ | {e}的所有解 | 求{e}的根 | 求{e}的根。 | 求{e}的实数根
求{e}的所有解。 | 求{e}的两个根 | 求出{e}的根 | 求出{e}的全部实数根 | 求方程{e}的根 | 求方程{e}的两个根。 | 求方程{e}的实数解 | 方程{e}的根是多少？ | 方程{e}的根是？ | 方程{e}的两根
方程{e}的两个根分别是多少？ | 方程{e}的两根分别为多少 | 方程{e}有实数根吗？ | 方程{e}有实数解吗？ | 用因式分解法解{e} | 用因式分解法解方程{e}。 | 用配方法解{e} | 用求根公式解{e}
用公式法解方程：{e} | {e}，求{v}1和{v}2 | {e}，{v}的两个值是多少？ | {e}，{v}可以取哪些值？ | {e}，{v}可能是多少？ | 如果{e}，{v}可能是哪些数？ | 已知{e}，求{v}的所有值。
请问{e}的根是多少？ | 帮我求{e}的根 | 算一下{e}的根 | 找出{e}的所有根 | 哪些{v}满足{e}？ | 哪两个数是{e}的根？ | 我在学一元二次方程，{e}怎么解？ | 计算{e}的根 | 写出{e}的两个根
"""),
}

# One of two roots is wanted: by which.
ASK_ROOT = {
    "en": {
        "positive": table("""
Find the positive solution of {e}. | Find the positive root of {e}. | What is the positive solution of {e}? | What is the positive root of {e}? | {e}, {v} > 0, {v} = ? | {e}, {v} is positive. What is {v}?
Solve {e} for positive {v}. | Solve {e}, {v} > 0 | If {e} and {v} is positive, what is {v}? | Which positive number {v} satisfies {e}? | {e} positive root | Give me only the positive solution of {e}
"""),
        "negative": table("""
Find the negative solution of {e}. | Find the negative root of {e}. | What is the negative solution of {e}? | What is the negative root of {e}? | {e}, {v} < 0, {v} = ?
{e}, {v} is negative. What is {v}? | If {e} and {v} is negative, what is {v}? | Which negative number {v} satisfies {e}?
"""),
        "larger": table("""
Find the larger root of {e}. | What is the larger solution of {e}? | What is the larger root of {e}? | What is the bigger root of {e}? | What is the greater root of {e}? | Which is the larger root of {e}? | The largest {v} with {e}?
"""),
        "smaller": table("""
Find the smaller root of {e}. | What is the smaller solution of {e}? | What is the smaller root of {e}? | Which is the smaller root of {e}? | What is the smallest {v} with {e}?
"""),
    },
    "zh": {
        "positive": table("""
求{e}的正根 | 求{e}的正数解。 | {e}的正根是多少？ | {e}的正数解是多少？ | 方程{e}的正根 | {e}，{v}>0，求{v} | {e}，{v}是正数，求{v}。 | 已知{e}且{v}>0，求{v}。 | 已知{v}为正数，{e}，{v}是多少？ | 只要{e}的正根
"""),
        "negative": table("""
求{e}的负根 | 求{e}的负数解。 | {e}的负根是多少？ | {e}的负数解是多少？ | {e}，{v}<0，求{v} | 已知{e}且{v}<0，求{v}。 | {e}，{v}是负数，{v}是多少？
"""),
        "larger": table("""
{e}的较大的根是多少？ | 求{e}较大的根。 | 方程{e}的大根 | {e}的两个根中较大的是几？ | {e}的最大根是多少？
"""),
        "smaller": table("""
{e}的较小的根是多少？ | 求{e}较小的根。 | 方程{e}的小根 | {e}的两个根中较小的是几？ | {e}的最小根是多少？
"""),
    },
}
ROOT_ANSWERS = {
    "en": table("The {which} root is {r}. | {r} | {r}. | The {which} solution is {r}. | It is {r}."),
    "zh": table("{which}根是{r}。 | {r} | {r}。 | {which}的解是{r}。 | 是{r}。"),
}

# A gap in place of a letter; {e} holds the gap.
ASK_GAP = {
    "en": table("""
{e} | {e}? | Fill in the blank: {e} | Fill in: {e} | Fill the gap: {e} | Fill in the missing number: {e} | What is the missing number? {e} | What's missing: {e} | Missing number: {e} | Find the missing number: {e}
Find the missing number in {e}. | What number is missing in {e}? | What number goes in the blank? {e} | Which number belongs in the gap: {e} | {e}, what is missing? | {e}. What is the missing number? | {e} what goes there?
What goes in the box: {e} | {e}, find the missing number | Which number is missing? {e} | Complete: {e} | Complete the equation {e} | Solve {e} | Solve: {e} | Can you fill in {e}? | {e} find the unknown
"""),
    "zh": table("""
{e} | {e}? | 填空：{e} | 填空题：{e} | 填一填：{e} | {e}，填几？ | {e}，括号里填几？ | {e}，空格里填多少？ | {e}，应该填什么数？ | 在空格里填数：{e} | {e} 填什么 | {e}，缺的数是多少？ | 缺少的数是几？{e} | {e}，方框里是几？
求未知数：{e} | 求缺的数：{e} | 帮我填空：{e} | 填上合适的数：{e} | {e}，问号是多少？ | 请填空：{e} | {e}，里面填什么？
"""),
}
GAP_ANSWERS = {
    "en": table("The missing number is {r}. | {r} | {r}. | It is {r}. | {r} is missing. | {r} goes there."),
    "zh": table("应填{r}。 | 缺的数是{r}。 | {r} | {r}。 | 填{r}。 | 是{r}。"),
}

# Answers. {r} is the result in words, such as "x = 2 or x = 3"; it always holds the answer's last numbers.
ANSWERS = {
    "en": table("""
{r} | {r}. | The solution is {r}. | The answer is {r}. | Solving it gives {r}. | We get {r}. | The equation gives {r}. | It follows that {r}. | The result: {r}. | So {r}.
"""),
    "zh": table("""
{r} | {r}。 | 解得{r}。 | 答案是{r}。 | 解为{r}。 | 方程的解是{r}。 | 求解得到{r}。 | 结果是{r}。 | 可得{r}。 | 所以{r}。
"""),
}
THOUGHTS = {
    "en": table("""
The user wants {v} from {q}. | I have to solve {q} for {v}. | This asks for {v} in {q}; the equation solver finds it. | Find {v}: solve {q}.
"""),
    "zh": table("""
用户想由{q}求{v}。 | 需要解{q}，求{v}。 | 这是求{q}中的{v}，用方程求解器。 | 求{v}：解{q}。
"""),
}
