"""More phrasings, in the notation of `equation_phrasings.py`: systems, follow-ups, openers and closers."""

from recipes.moss_mini.corpus.equation_phrasings import table

# Systems of two equations. {v} and {w} are the unknowns.
ASK_SYSTEM = {
    "en": table("""
{e} | {e}? | {e}, solve | {e} solve | {e} solve for {v} and {w} | {e} find {v} and {w} | {e}. Find {v} and {w}. | {e}. What are {v} and {w}?
{e}; {v}=? {w}=? | {e}, {v}=?, {w}=? | {e}: {v}, {w}? | {e}, find {v} and {w} | {e}, what are {v} and {w}? | {e}, what is {v} and {w}? | {e}, then {v} and {w} are?
{e}. Solve the system. | {e}. Solve for both unknowns. | {e}. Solve this. | {e}: solve the system | {e}\\nSolve for {v} and {w}. | {e}\\nFind {v} and {w}
{e}\\nwhat are {v} and {w}? | {e} ({v} and {w}?) | {e}, how much are {v} and {w}? | {e} - find {v}, {w}
Solve {e} | Solve {e}. | Solve: {e} | Solve the system {e} | Solve the system: {e} | Solve the system {e}. | Solve the system of equations {e}.
Solve the system of equations: {e} | Solve this system: {e} | Solve this system of equations: {e} | Solve the following system: {e}
Solve the following system of equations: {e} | Solve the linear system {e} | Solve the linear system: {e} | Solve the 2x2 system {e}
Solve the simultaneous equations {e} | Solve the simultaneous equations: {e} | Solve simultaneously: {e} | Solve simultaneously {e}
Solve these equations: {e} | Solve these two equations: {e} | Solve the equations {e} | Solve the equations {e}. | Solve both equations: {e}
Solve the pair of equations {e} | Solve for {v} and {w}: {e} | Solve for {v} and {w} if {e}. | Solve for {v}, {w}: {e} | Solve for {v} and {w} in {e}
Solve {e} for {v} and {w}. | Solve {e} for both variables | Solve for both variables: {e} | Solve for both: {e} | Solve\\n{e} | Solve:\\n{e}
Solve the system\\n{e} | Solve the system:\\n{e} | Solve for {v} and {w}:\\n{e} | Solve the system of equations\\n{e} | Solve {e} together
Solve {e} by substitution. | Solve {e} by elimination. | Solve by elimination: {e} | Solve by substitution: {e} | Solve the following for {v} and {w}: {e}
Find {v} and {w}: {e} | Find {v} and {w} if {e}. | Find {v} and {w} given {e}. | Find {v} and {w} such that {e}. | Find {v} and {w} when {e}.
Find {v} and {w} from {e}. | Find {v} and {w} so that {e}. | Find {v}, {w}: {e} | Find both {v} and {w}: {e} | Find the values of {v} and {w}: {e}
Find the values of {v} and {w} if {e}. | Find the values of {v} and {w} that satisfy {e}. | Find the solution of the system {e}. | Find both unknowns: {e}
Find the solution of {e} | Find the solution to the system {e}. | Find {v} and {w}\\n{e} | Find numbers {v} and {w} with {e}. | Find two numbers {v} and {w} with {e}
What are {v} and {w} if {e}? | What are {v} and {w}: {e} | What are {v} and {w} when {e}? | What are {v} and {w}? {e} | What are {v} and {w} given {e}?
What is {v} and {w} if {e}? | What is {v} and what is {w} if {e}? | Whats {v} and {w} if {e} | What are the values of {v} and {w} if {e}?
What are the values of {v} and {w}: {e} | What is the solution of the system {e}? | What is the solution of {e}? | What is the solution to {e}?
What is the solution to the system {e}? | What are {v} and {w} in {e}? | What values of {v} and {w} satisfy {e}? | What {v} and {w} satisfy {e}?
What must {v} and {w} be if {e}? | What do {v} and {w} equal if {e}? | Which {v} and {w} satisfy {e}? | Which {v} and {w} solve {e}? | Which {v}, {w} fit {e}?
Which values of {v} and {w} satisfy both {e}? | Which pair ({v}, {w}) solves {e}? | Which numbers are {v} and {w} if {e}? | For which {v} and {w} is {e}?
If {e}, what are {v} and {w}? | If {e}, find {v} and {w}. | If {e}, then what are {v} and {w}? | If {e}, what is {v} and what is {w}? | if {e} what is {v} and {w}
If {e}, how much are {v} and {w}? | If {e}, solve for {v} and {w}. | If {e}, determine {v} and {w}. | If {e} then {v}=? and {w}=?
Given {e}, find {v} and {w}. | Given {e}, what are {v} and {w}? | Given that {e}, find {v} and {w}. | Given that {e}, what are {v} and {w}?
Given the system {e}, find {v} and {w}. | Given the equations {e}, find {v} and {w}. | Suppose {e}. What are {v} and {w}? | Let {e}. Find {v} and {w}.
I know that {e}. What are {v} and {w}? | We know {e}. Find {v} and {w}. | I have two equations: {e}. | I have two equations: {e}. What are {v} and {w}?
I have a system: {e} | I need {v} and {w}: {e} | I need to solve the system {e}. | I need to solve {e} for {v} and {w}. | I'm trying to solve {e}.
I want {v} and {w} with {e} | My system is {e}. | The system is {e}. Solve it. | The equations are {e}. Find {v} and {w}. | Two equations: {e}. What's {v} and {w}?
Two equations, two unknowns: {e} | Two unknowns: {e} | Simultaneous equations: {e} | System: {e} | System of equations: {e} | Equations: {e} | Linear system: {e}
Determine {v} and {w}: {e} | Determine {v} and {w} if {e}. | Determine {v} and {w} from {e}. | Calculate {v} and {w}: {e} | Calculate {v} and {w} if {e}.
Compute {v} and {w} from {e}. | Work out {v} and {w}: {e} | Work out {v} and {w} if {e}. | Work out the values of {v} and {w}: {e} | Figure out {v} and {w}: {e}
Get {v} and {w} from {e} | Give me {v} and {w}: {e} | Give the values of {v} and {w} if {e}. | Give me the solution of the system {e} | Tell me {v} and {w} if {e}.
Tell me what {v} and {w} are: {e} | Help me solve {e} | Help me solve the system {e} | Help me find {v} and {w}: {e} | Help me with this system: {e}
Can you solve {e}? | Can you solve the system {e}? | Can you solve this system: {e} | Can you find {v} and {w} if {e}? | Can you find {v} and {w}: {e}
Can you solve for {v} and {w}: {e} | Could you solve the system {e}? | Could you work out {v} and {w} from {e}? | Could you find {v} and {w} if {e}? | can u solve {e}
Would you solve {e} for me? | Do you know {v} and {w} if {e}? | How do I solve {e}? | How do I solve the system {e}? | How do you solve {e}? | How to solve {e}
How do I find {v} and {w} if {e}? | Let's solve {e} | Let's solve the system {e}. | Use the solver: {e} | Use the equation solver on {e} | Try {e} | Try this system: {e}
Now {e} | Now solve {e} | Now the system {e} | Next: {e} | Next system: {e} | And {e}? | What about {e}? | How about {e}? | Another system: {e} | One more: {e}
Does {e} have a solution? | Is there a solution of {e}? | {v} and {w} if {e} | {v} and {w} in {e}? | {v}, {w} = ? {e} | {v}=? and {w}=? if {e} | solution of {e}? | Values of {v} and {w} if {e}?
Where do {e} meet? | Where do {e} intersect? | Where do the lines {e} meet? | Where do the lines {e} intersect? | Where do the lines {e} cross? | Intersection of {e}
Find the intersection of {e}. | Find the intersection of the lines {e}. | At which point do {e} intersect? | What is the point of intersection of {e}?
Find the point where {e} meet. | Intersection point of the lines {e}? | In which point do the lines {e} cross?
"""),
    "zh": table("""
{e} | {e}? | {e} 求解 | {e}，求解 | {e}，求{v}和{w} | {e}，求{v}、{w} | {e}，求{v}，{w} | {e} 求{v}和{w} | {e}，求{v}和{w}的值。 | {e}，求{v}与{w}的值 | {e}，{v}和{w}是多少？ | {e}，{v}和{w}等于几？
{e}，{v}和{w}各是多少？ | {e}，{v}和{w}分别是多少？ | {e}，{v}、{w}分别等于多少？ | {e}，{v}=？{w}=？ | {e}，{v}=?, {w}=? | {e}，那么{v}和{w}是多少？ | {e}，则{v}和{w}的值是多少？ | {e}，{v}，{w}各等于几
{e}，解方程组 | {e} 解方程组 | {e}，解这个方程组。 | {e}怎么解？ | {e}，怎么解？ | {e}的解 | {e}的解是多少？ | {e}的解是什么？ | {e}，帮我解一下 | {e}，请求出{v}和{w}。 | {e}\\n求{v}和{w} | {e}\\n求解 | {e}\\n{v}和{w}是多少？
解方程组{e} | 解方程组：{e} | 解方程组: {e} | 解方程组 {e} | 解方程组\\n{e} | 解方程组：\\n{e} | 解下列方程组：{e} | 解下面的方程组：{e} | 解下面的方程组\\n{e} | 解这个方程组：{e} | 解一下方程组{e} | 解一下{e}
解一下这个方程组：{e} | 解{e} | 解：{e} | 解出{v}和{w}：{e} | 解出方程组{e} | 解二元一次方程组{e} | 解二元一次方程组：{e} | 解二元一次方程组\\n{e} | 解二元方程组：{e} | 解关于{v}、{w}的方程组：{e} | 解联立方程：{e} | 解联立方程{e}
联立{e}，求解 | 联立{e}，求{v}和{w} | 联立方程{e} | 联立{e}，{v}和{w}是多少？ | 求解{e} | 求解：{e} | 求解方程组{e} | 求解方程组：{e} | 求解方程组\\n{e} | 求解二元一次方程组：{e} | 求解{v}和{w}：{e} | 求解\\n{e}
求{v}和{w}：{e} | 求{v}和{w}，{e} | 求{v}、{w}：{e} | 求{v}，{w}：{e} | 求{v}和{w}的值：{e} | 求{v}、{w}的值：{e} | 求{v}与{w}：{e} | 求{v}和{w}\\n{e} | 求方程组{e}的解 | 求方程组{e}的解。 | 求方程组的解：{e}
求{e}的解 | 求出{v}和{w}：{e} | 求出{v}与{w}的值：{e} | 求出{e}的解 | 求满足{e}的{v}和{w} | 求同时满足{e}的{v}和{w} | 求{v}和{w}，使得{e} | 求两个未知数：{e} | 求一下{v}和{w}：{e}
如果{e}，{v}和{w}是多少？ | 如果{e}，那么{v}和{w}等于多少？ | 如果{e}，求{v}和{w}。 | 如果{e}，{v}和{w}分别是多少？ | 如果{e}，那{v}和{w}各是几？ | 如果{e} {v}和{w}等于几 | 若{e}，求{v}和{w}。 | 若{e}，则{v}、{w}的值是多少？
若{e}，求{v}、{w}的值。 | 若{e}，则{v}=？{w}=？ | 已知{e}，求{v}和{w}。 | 已知{e}，求{v}、{w}。 | 已知{e}，求{v}和{w}的值。 | 已知{e}，{v}和{w}是多少？ | 已知{e}，{v}和{w}分别等于多少？ | 已知{e}，则{v}和{w}各为多少？
已知{e}，那么{v}、{w}是几？ | 已知{e} 求{v}和{w} | 已知方程组{e}，求{v}和{w}。 | 已知{v}、{w}满足{e}，求{v}和{w}。 | 已知{v}和{w}满足{e}，{v}和{w}各是多少？ | 假设{e}，{v}和{w}是多少？ | 设{e}，求{v}和{w}。 | 当{e}时，{v}和{w}是多少？
要是{e}，{v}和{w}是几？ | {v}和{w}满足{e}，求{v}和{w}。 | {v}和{w}是多少？{e} | {v}和{w}等于几？{e} | {v}和{w}各是多少，如果{e}？ | {v}=？{w}=？{e} | {v}，{w}满足{e}，求{v}，{w} | {v}和{w}分别是多少：{e}
方程组{e}的解是什么？ | 方程组{e}的解是多少？ | 方程组{e}的解为 | 方程组{e}的解 | 方程组{e}怎么解？ | 方程组{e}，求{v}和{w}。 | 方程组：{e} | 方程组\\n{e} | 方程组{e}有解吗？ | 二元一次方程组{e}的解是？ | 二元一次方程组：{e}
二元一次方程组{e}怎么解？ | 怎么解{e}？ | 怎么解方程组{e}？ | 怎么求{v}和{w}：{e} | 如何解方程组{e}？ | 如何求解{e}？ | 怎样解{e}？ | 用代入法解{e} | 用代入消元法解方程组{e} | 用加减法解{e} | 用加减消元法解方程组：{e} | 用消元法解{e}
用求解器解{e} | 用工具解方程组：{e} | 帮我解{e} | 帮我解方程组{e} | 帮我解方程组：{e} | 帮我解一下{e} | 帮我解一下这个方程组：{e} | 帮我求{v}和{w}：{e} | 帮我算{v}和{w}：{e} | 帮我算一下{v}和{w}，{e} | 帮忙解一下方程组：{e}
帮忙求{v}和{w}，{e} | 给我解{e} | 给我算{v}和{w}：{e} | 给定{e}，求{v}和{w}。 | 给出{e}的解 | 请解方程组{e} | 请解方程组：{e} | 请解{e} | 请解二元一次方程组：{e} | 请求{v}和{w}：{e} | 请求解{e} | 请求出{v}和{w}：{e}
请问{e}，{v}和{w}是多少？ | 请问{e}的解是多少？ | 请问方程组{e}怎么解？ | 请问如果{e}，{v}和{w}等于多少？ | 请帮我解方程组{e} | 请帮我解{e}。 | 请帮我求出{v}和{w}：{e} | 请计算{v}和{w}：{e} | 请告诉我{v}和{w}：{e}
告诉我{v}和{w}是多少：{e} | 计算{v}和{w}：{e} | 计算方程组{e} | 算{v}和{w}：{e} | 算一下{v}和{w}：{e} | 算出{v}和{w}：{e} | 你能解{e}吗？ | 你能解方程组{e}吗？ | 你能求出{v}和{w}吗？{e} | 你会解{e}吗？ | 能解一下{e}吗？
能帮我解方程组{e}吗？ | 能不能解{e} | 可以帮我解{e}吗？ | 可以解这个方程组吗：{e} | 麻烦解一下{e} | 麻烦求{v}和{w}：{e} | 我想解{e} | 我想求{v}和{w}：{e} | 我想知道{v}和{w}，{e} | 我有两个方程：{e} | 我有两个方程{e}，求{v}和{w}
我有一个方程组：{e} | 我不会解{e} | 我需要{v}和{w}：{e} | 有两个方程{e}，求{v}和{w}。 | 有两个未知数，{e} | 两个方程：{e}，{v}和{w}是多少？ | 这个方程组怎么解：{e} | 这个方程组{e}的解是多少？ | 这道题怎么做：{e} | 题目：{e}，求{v}和{w}
作业：解方程组{e} | 再解一个：{e} | 再来一个方程组：{e} | 下一题：{e} | 那{e}呢？ | 现在解{e} | 现在解方程组{e} | 试试{e} | 来解{e} | 接着解{e} | 满足{e}的{v}和{w}是多少？ | 同时满足{e}的{v}和{w}是几？ | 两个未知数{v}和{w}，{e}
直线{e}的交点在哪里？ | 直线{e}在哪里相交？ | 求直线{e}的交点。 | 求直线{e}的交点坐标。 | {e}的交点 | {e}的交点是多少？ | {e}的交点坐标 | 求{e}的交点 | 两条直线{e}的交点坐标是什么？ | 两条直线{e}交于哪一点？ | {e}在哪里相交？
"""),
}

# One unknown only is wanted out of a system; the answer names {v} alone.
ASK_SYSTEM_ONE = {
    "en": table("""
{e}, what is {v}? | {e}. What is {v}? | {e}, find {v}. | {e}, {v}=? | If {e}, what is {v}? | If {e}, find {v}. | Given {e}, find {v}.
Given that {e}, what is {v}? | What is {v} if {e}? | Find {v} if {e}. | Find {v} given {e}. | Find {v}: {e} | Solve for {v}: {e}
Solve for {v} only: {e} | I only need {v}: {e} | Just {v} please: {e} | What is the value of {v} if {e}? | Find the value of {v}: {e}
Tell me only {v}: {e} | If {e}, how much is {v}? | Suppose {e}. How much is {v}? | {v} if {e}?
"""),
    "zh": table("""
{e}，{v}是多少？ | {e}，{v}等于几？ | {e}，求{v}。 | {e}，求{v}的值。 | {e}，{v}=？ | 如果{e}，{v}是多少？ | 如果{e}，那么{v}等于几？ | 已知{e}，求{v}。 | 已知{e}，{v}是多少？ | 已知{e}，求{v}的值。
若{e}，则{v}=？ | 若{e}，求{v}。 | 求{v}：{e} | 只求{v}：{e} | 我只想知道{v}：{e} | 算出{v}：{e} | {v}等于多少？{e} | 请求出{v}的值：{e} | 当{e}时，{v}是多少？
"""),
}

# Follow-ups. {l} is the left side; {ref} points at the last result, which becomes the right side.
REFERENCES = {
    "en": table("""
that | that result | the result | this result | it | the last result | the last answer | your answer | your last answer | the previous result | the previous answer | that number | this number | this
the number you just got | the number above | the answer above | the last number | that value | this value | the value above | what you just got | the answer | the last value | that answer
"""),
    "zh": table("""
这个结果 | 上面的结果 | 刚才的结果 | 上一个结果 | 这个数 | 那个数 | 它 | 刚才的答案 | 上面的答案 | 这个答案 | 前面的结果 | 上次的结果 | 刚算出来的数 | 你刚才算的结果 | 这个值 | 上一题的答案 | 上面那个数 | 结果 | 这个数字 | 刚才那个数 | 该结果
"""),
}
ASK_LAST = {
    "en": table("""
Solve {l} = {ref} | Solve {l}={ref}. | Solve {l} = {ref} for {v}. | Now solve {l} = {ref} | Now solve {l} = {ref}. | Now solve {l} equals {ref} | Solve for {v}: {l} = {ref} | And if {l} = {ref}, what is {v}?
If {l} equals {ref}, what is {v}? | If {l} is {ref}, what is {v}? | If {l} = {ref}, find {v}. | If {l} is equal to {ref}, what's {v}? | If {l} makes {ref}, what is {v}? | {l} = {ref}, {v} = ? | {l} = {ref}, what is {v}?
{l} equals {ref}, what is {v}? | {l} is {ref}. Find {v}. | Find {v} if {l} equals {ref}. | Find {v} such that {l} = {ref}. | Find {v} if {l} is {ref}. | Find {v} so that {l} gives {ref}. | What is {v} if {l} equals {ref}?
What is {v} if {l} = {ref}? | What is {v} when {l} is {ref}? | What {v} makes {l} equal to {ref}? | Which {v} makes {l} equal {ref}? | Which {v} gives {ref} for {l}? | When is {l} equal to {ref}? | When does {l} equal {ref}?
For what {v} is {l} equal to {ref}? | For which {v} is {l} the same as {ref}? | Set {l} equal to {ref} and solve. | Put {l} equal to {ref} and find {v}. | Use {ref} as the right side: {l} = ? | Take {ref} and solve {l} = it
Let {l} equal {ref}. What is {v}? | Given that {l} is {ref}, find {v}. | Suppose {l} equals {ref}. Find {v}. | Then what is {v} if {l} = {ref}? | Ok, and {l} = {ref}? | Now {l} = {ref} | Can you solve {l} = {ref}? | What about {l} = {ref}?
Could you solve {l} = {ref} now? | How about {l} = {ref}? | Now find {v} with {l} = {ref}. | Using {ref}, solve {l} = {ref} | With {ref} on the right, solve {l} = ... | Now I need {v} where {l} equals {ref}.
"""),
    "zh": table("""
解{l}={ref} | 解方程{l}={ref} | 现在解{l}={ref} | 现在解方程{l}={ref}。 | 求解{l}={ref} | {l}={ref}，求{v} | {l}={ref}，{v}是多少？ | {l}={ref}，{v}等于几？ | {l}等于{ref}，{v}是多少？ | {l}等于{ref}，求{v}。 | {l}等于{ref}，{v}等于几？
{l}等于{ref}时，{v}是多少？ | 如果{l}等于{ref}，{v}是多少？ | 如果{l}等于{ref}，那么{v}等于几？ | 如果{l}={ref}，求{v}。 | 如果{l}是{ref}，{v}等于多少？ | 若{l}等于{ref}，求{v}。 | 若{l}={ref}，则{v}=？ | 已知{l}等于{ref}，求{v}。
当{l}等于{ref}时，求{v}。 | 当{l}等于{ref}时，{v}是多少？ | 令{l}等于{ref}，求{v} | 让{l}等于{ref}，{v}是几？ | 那如果{l}等于{ref}呢？ | 那{l}={ref}呢？ | 那么{l}等于{ref}时，{v}是几？ | 什么时候{l}等于{ref}？ | {v}等于几时{l}等于{ref}？
{v}是多少时{l}等于{ref}？ | {v}为何值时，{l}等于{ref}？ | 使{l}等于{ref}的{v}是多少？ | 求{v}，使{l}等于{ref}。 | 把{ref}放在右边，解{l}=？ | 用{ref}作右边，解方程{l}= | 再解{l}={ref} | 接着解{l}={ref}，求{v} | 帮我解{l}={ref} | 你能解{l}={ref}吗？
"""),
}

# Follow-ups in words, with the left side that they mean; {a} is a number.
ASK_LAST_WORDS = {
    "x^2": {
        "en": table("""
What number squared gives {ref}? | Which number squared is {ref}? | What number times itself is {ref}? | {ref} is the square of which number? | Which number has {ref} as its square? | The square of what number is {ref}? | x squared is {ref}, x?
Solve x squared equals {ref} | now solve x squared = {ref} | What squared is {ref}?
"""),
        "zh": table("""
哪个数的平方是{ref}？ | 什么数的平方等于{ref}？ | {ref}是哪个数的平方？ | 几的平方是{ref}？ | 一个数的平方是{ref}，这个数是多少？ | 哪个数乘自己等于{ref}？ | x的平方等于{ref}，x是多少？
"""),
    },
    "{a}x": {
        "en": table("""
What number times {a} gives {ref}? | {a} times what number is {ref}? | Which number multiplied by {a} is {ref}? | {a} times x is {ref}, what is x? | If {a} times a number is {ref}, what is the number? | What do I multiply by {a} to get {ref}?
"""),
        "zh": table("""
什么数乘{a}等于{ref}？ | 哪个数的{a}倍是{ref}？ | 一个数的{a}倍等于{ref}，这个数是多少？ | {a}乘几等于{ref}？ | x的{a}倍等于{ref}，x是多少？
"""),
    },
    "x+{a}": {
        "en": table("""
What number plus {a} gives {ref}? | What plus {a} is {ref}? | Which number plus {a} makes {ref}? | x plus {a} is {ref}, what is x? | What do I add to {a} to get {ref}?
"""),
        "zh": table(
            "什么数加{a}等于{ref}？ | 几加{a}等于{ref}？ | 一个数加上{a}等于{ref}，这个数是多少？ | 哪个数加{a}是{ref}？ | x加{a}等于{ref}，x是多少？"
        ),
    },
    "{a}x+{b}": {
        "en": table("""
{a} times a number plus {b} is {ref}. What is the number? | What number times {a} plus {b} makes {ref}? | {a} times x plus {b} is {ref}, find x | {b} more than {a} times a number is {ref}. Which number?
"""),
        "zh": table(
            "一个数的{a}倍加{b}等于{ref}，这个数是多少？ | 什么数乘{a}再加{b}等于{ref}？ | x的{a}倍加{b}等于{ref}，求x"
        ),
    },
}

# Before the question: whole remarks and half sentences.
OPENERS = {
    "en": table("""
Hi! | Hi, | Hello, | Hello! | Hey, | Hey! | Hi there! | Hey there, | Good morning! | Good evening. | Good afternoon, | Greetings. | Hi MOSS, | Hello MOSS! | MOSS, | Hey MOSS,
Please | Please, | please | pls | plz | Ok, | Okay, | OK | Okay so | Alright, | So, | so | Well, | Now, | Um, | Hmm, | Right, | Next, | Then | Also, | And | But | Oh, | Yo, | Great, | Thanks! | Cool,
Quick question: | Quick one: | Question: | A question: | Easy question: | Math question: | Maths question: | Math problem: | Algebra problem: | Algebra question: | One question. | Just a quick one:
Help me. | Help! | Please help. | Please help me. | Can you help? | Can you help me? | Could you help me with this? | Need some help. | I need help. | I need your help. | Help me with this:
I have a question. | I have a math question. | I've got a problem for you. | Here is my problem: | Here's one for you: | Here is a question: | Here's my homework: | This is my homework: | Homework time.
I'm stuck. | I'm stuck on my homework. | I am stuck with this one: | I'm doing algebra. | I'm studying for a test. | My test is tomorrow. | I'm helping my son with his homework. | My daughter asked me this:
My teacher gave us this: | My teacher asked: | My kid's homework says: | From my textbook: | From the exam: | In class we had this: | In my exam there was this: | I'm bad at maths. | I'm not good at algebra.
I forgot how to do this. | I haven't done this in years. | Let me test you. | Let's see if you can do this: | Let's try this: | Let me see, | Try this one: | Another one. | One more: | Next one: | Next question:
Thank you! Next: | That was good. Now | Nice. | Great! | Let's do another. | Now something else. | Now something harder. | Ok now an equation: | Can you do equations? | You can solve equations, right?
Without explanation: | Just the answer: | Only the answer please: | Step one: | Exercise 3: | Problem 12: | No. 5: | Q7. | Sorry to bother you. | Excuse me, | Tell me, | Tell me please: | Let me ask: | May I ask:
"""),
    "zh": table("""
你好， | 你好！ | 您好， | 您好！ | 嗨， | 嗨！ | 哈喽， | 早上好， | 晚上好！ | 下午好， | MOSS， | 你好MOSS， | 你好呀， | 在吗？ | 喂， | hi， | hello，
请问， | 请问 | 请问一下， | 请 | 麻烦你， | 麻烦了， | 打扰一下， | 劳驾， | 帮个忙， | 帮帮我， | 帮我看看， | 帮我看一下： | 帮忙看看这题： | 救命， | 求助： | 求助， | 求帮忙， | 急， | 急急急，
好的， | 好， | 嗯， | 嗯嗯， | 那么， | 那， | 那好， | 然后， | 现在， | 接下来， | 下一题： | 下一个： | 再来一题： | 再来一个： | 再问一个： | 还有一题： | 换一题： | 谢谢！ | 不错， | 很好，
问题： | 问一下， | 问你个问题： | 问个问题， | 问一道题： | 想问一下， | 我想问一下， | 有个问题： | 有一道题： | 有道题不会： | 一道数学题： | 数学题： | 代数题： | 方程题： | 题目： | 题目如下： | 小问题：
我有个问题。 | 我有一道题。 | 我不会做这道题： | 我卡住了。 | 我在做作业， | 我在写作业， | 我在复习， | 明天要考试了， | 我数学不好， | 我忘了怎么算了， | 我算不出来， | 我想试试你： | 考考你： | 考你一道题： | 测试一下，
老师布置的作业： | 老师问我们： | 老师让我们做这道题： | 作业里有一题： | 课本上的题： | 书上有道题： | 考试题： | 孩子的作业： | 我儿子的作业题： | 我女儿问我： | 同学问我： | 练习册上写着： | 练习题：
直接给答案： | 只要答案： | 不用过程， | 第3题： | 第一题： | 5、 | 听说你会解方程， | 你会解方程吗？ | 来， | 来一道题： | 看看这个： | 你看， | 不好意思， | 对了， | 我想知道， | 告诉我，
"""),
}
CLOSERS = {
    "en": table("""
Thanks. | Thanks! | Thank you. | Thank you! | thx | ty | Please. | please | pls | plz | Please help. | Please help me. | Help please. | Help me please. | Thanks in advance. | Many thanks.
Cheers. | Thanks a lot! | I'd appreciate it. | Can you help? | Can you do that? | Can you do it? | Could you help me? | Do you know? | Any idea? | I'm stuck. | I can't figure it out. | I don't get it.
I need it for school. | It's for my homework. | It's for tomorrow. | My exam is tomorrow. | I have no idea. | I forgot how. | I need only the answer. | Just the answer please. | Just give me the answer. | Only the result.
No explanation needed. | Short answer please. | Be quick. | Quickly please. | Asap. | Be careful. | Be exact. | Please check carefully. | Use the solver. | Use your solver please. | Use the equation solver. | Solve it for me.
Solve it please. | Let me know. | Tell me. | What do you get? | What did you get? | What's the answer? | What is the answer? | Right? | ok? | :) | ... | !! | ??
"""),
    "zh": table("""
谢谢 | 谢谢。 | 谢谢！ | 谢谢你！ | 谢谢了 | 多谢 | 多谢！ | 感谢！ | 非常感谢。 | 谢了 | 拜托了 | 拜托！ | 麻烦了 | 麻烦你了。 | 辛苦了 | 帮帮我 | 帮帮忙 | 帮我算一下 | 帮我解一下 | 帮我看看 | 请帮忙 | 求帮助
快点 | 急 | 急用 | 在线等 | 我不会 | 我不会做 | 我不会解 | 我算不出来 | 我想不出来 | 我忘了怎么解 | 不用写过程 | 不要过程 | 只要答案 | 直接告诉我答案 | 直接给答案就行 | 给个答案 | 给我答案 | 请给出答案
告诉我答案 | 答案是多少？ | 答案是什么？ | 结果是多少？ | 你算算 | 你来算 | 你试试 | 你知道吗？ | 你会吗？ | 会做吗？ | 能算吗？ | 可以吗？ | 好吗？ | 行吗？ | 这是作业 | 这是我的作业题。 | 明天要交作业 | 明天考试 | 用解方程工具 | 用求解器吧。
怎么做？ | 怎么算？ | 怎么解？ | 呢 | 啊 | …… | ~
"""),
}
