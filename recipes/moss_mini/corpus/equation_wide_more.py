"""More families for `equation_wide.py`: equations of every shape inside a sentence, ages, money, shares, journeys."""

# What people write around a typed equation in one unknown.
ONE = """en
= the unknown
* [Solve|Please solve|Can you solve|Help me solve] {e}[.| for {v}.| for {v}, please.]
* [What is|What's|Find|Determine|Give me|Work out] {v} [if|when|given that|given|in|from] {e}[.|?|]
* {e}. [What is {v}?|Find {v}.|{v}?|Which value does {v} have?]
* {e}, [so what is {v}|what is {v}|so {v} is]?
* For [which|what] {v} is {e}?
* My [homework|worksheet|exam|book] says {e}. [What is {v}?|How big is {v}?|Find {v}.]
* Which [number|value of {v}] makes {e} true?
* The equation {e} [has which solution|is solved by which number]?
* We get the equation {e}. [Find {v}.|What is {v}?|Solve it.]
* Let {e}. [Compute|Find|Determine] {v}.
* I need {v} from {e}.
> {v} = {all}. / {v} is {all}. / {v} = {all}
zh
= 未知数
* [解方程|求解|解|请解方程|帮我解一下][：|]{e}
* {e}，[求{v}|{v}是多少|{v}等于几|那么{v}是多少|则{v}等于多少]？
* [已知|若|如果|设|由|当]{e}，[求{v}的值|{v}是多少|则{v}=?|{v}是几]
* 方程{e}的解是[什么|多少|几]？
* 作业题：{e}，{v}=?
* {v}取什么值时，{e}成立？
* 列出方程{e}，{v}是多少
* 满足{e}的{v}是多少？
> {v} = {all}。 / {v}是{all}。 / {v} = {all}
"""
# And around one with two roots.
TWO = """en
= the unknown
* [Solve|Please solve|Can you solve] {e}[.| for {v}.]
* [What are|Find|Give me|Determine] [the|both|all] [solutions|roots] of {e}[.|]
* {e}. [What is {v}?|Find {v}.|Which {v}?|Which values can {v} have?]
* For which {v} is {e}?
* If {e}, what can {v} be?
* [Which|What] values of {v} satisfy {e}?
* My textbook has {e}. What are the solutions?
* Where is {e}? Give every {v}.
> {v} = {all}. / {v} is {all}. / The solutions are {all}.
* [What is|Find|Give|I only need] the [larger|bigger|greater] [root|solution] of {e}[.|]
* {e}. [Which is the larger root?|Find the larger {v}.|Only the bigger solution, please.]
> {v} = {x}. / The larger root is {x}. / {x}.
* [What is|Find|Give|I only need] the [smaller|lesser|smallest] [root|solution] of {e}[.|]
* {e}. [Which is the smaller root?|Find the smaller {v}.]
> {v} = {lo}. / The smaller root is {lo}. / {lo}.
zh
= 未知数
* [解方程|求解|解|请解一元二次方程][：|]{e}
* {e}的[根|解|两个根|所有解]是[多少|什么]？
* [已知|若|如果]{e}，[求{v}|{v}等于多少|{v}可以是多少]？
* 一元二次方程{e}的[根|解]
* {e}，{v}=?
* 求方程{e}的[全部解|根]
* 满足{e}的{v}有哪些？
> {v} = {all}。 / {v}是{all}。 / 解是{all}。
* [求|]{e}的[较大的根|大根|较大的解|大的那个根]
* {e}，较大的根是多少？
> 较大的根是{x}。 / {v} = {x}。
* [求|]{e}的[较小的根|小根|较小的解|小的那个根]
* {e}，较小的根是多少？
> 较小的根是{lo}。 / {v} = {lo}。
"""
# And around one with a positive and a negative root.
SIGNS = """en
= the unknown
* [What is|Find|Give|I only need|Determine] the positive [root|solution|{v}] [of|in|for] {e}[.|]
* {e} and {v} > 0. [What is {v}?|Find {v}.]
* {e}, {v} positive. {v}?
* {v} is a [length|width|price|positive number] and {e}. [What is {v}?|Find {v}.]
* With {e}, what is the positive {v}?
* If {e}, which {v} is positive?
> {v} = {x}. / The positive root is {x}. / {x}.
* [What is|Find|Give] the negative [root|solution|{v}] [of|in] {e}[.|]
* {e} and {v} < 0. What is {v}?
> {v} = {lo}. / The negative root is {lo}. / {lo}.
zh
= 未知数
* [求|]{e}的[正根|正数解|正的解]
* {e}，{v}>0，求{v}
* {e}，[正根|正数解|正数{v}]是多少？
* {v}是正数，{e}，{v}等于几？
* 若{e}且{v}为正整数，求{v}
> 正根是{x}。 / {v} = {x}。
* [求|]{e}的[负根|负数解]
* {e}，{v}<0，求{v}
> 负根是{lo}。 / {v} = {lo}。
"""
PAIR = """en
= the first | the second
* [Solve|Please solve|Can you solve|Solve the system] {e}[.|]
* [Find|What are|Determine] x and y [if|when|given|given that|such that] {e}[.|]
* {e}. [What are x and y?|Find x and y.|Find both.]
* Two numbers x and y satisfy {e}. [What are they?|Find them.]
* My teacher wrote {e} on the board. What are x and y?
* Where do {e} [meet|intersect|cross]?
> x = {x}, y = {y}. / x = {x} and y = {y}.
* If {e}, what is x?
* {e}. I only need x.
> x = {x}.
* If {e}, what is y?
* {e}. I only need y.
> y = {y}.
zh
= 第一个数 | 第二个数
* [解方程组|求解|解][：|]{e}
* [已知|如果|若]{e}，[求x和y|求x、y的值|x和y各是多少]？
* {e}，[x和y分别是几|x、y是多少]？
* x、y满足{e}，求它们
* 联立{e}，解是多少
> x = {x}，y = {y}。 / x是{x}，y是{y}。
* 若{e}，x是多少？
> x = {x}。
* 若{e}，y是多少？
> y = {y}。
"""
LINEAR = [
    "{a}(x+{b})={c}(x+{d}) | x=-20..40 a=2..9 c=2..9 b=1..20 d=(a*(x+b))//c-x !a!=c !(a*(x+b))%c==0 !d>0",
    "{a}(x-{b})={c}(x+{d}) | x=-20..40 a=2..9 c=2..9 b=1..20 d=(a*(x-b))//c-x !a!=c !(a*(x-b))%c==0 !d>0",
    "{a}(x-{b})={c}(x-{d}) | x=-20..40 a=2..9 c=2..9 b=1..20 d=x-(a*(x-b))//c !a!=c !(a*(x-b))%c==0 !d>0",
    "x/{a}+x/{b}={c} | a=2..9 b=2..9 k=1..6 x=a*b*k c=(a+b)*k !a!=b",
    "x/{a}-x/{b}={c} | a=2..8 b=3..9 k=1..6 x=a*b*k c=(b-a)*k !b>a",
    "(x+{b})/{a}=(x-{d})/{c} | a=2..9 c=2..9 b=1..15 d=1..15 !a>c x=(a*d+b*c)//(a-c) !a>c !(a*d+b*c)%(a-c)==0",
    "(x+{b})/{a}=(x+{d})/{c} | a=2..9 c=2..9 b=1..15 d=1..15 !a!=c x=(a*d-b*c)//(c-a) !a!=c !(a*d-b*c)%(c-a)==0",
    "(x-{b})/{a}={c} | a=2..9 b=1..30 c=1..20 x=a*c+b",
    "({k}x+{b})/{a}={c} | k=2..5 a=2..9 b=1..15 c=1..15 x=(a*c-b)//k !(a*c-b)%k==0",
    "{a}x+{b}={c}x+{d} | x=-20..40 a=2..15 c=1..12 b=1..60 d=(a-c)*x+b !a!=c !d>0",
    "{a}x-{b}={c}x+{d} | x=-20..40 a=2..15 c=1..12 b=1..60 d=(a-c)*x-b !a!=c !d>0",
    "{a}-{b}x={c} | x=-9..15 a=1..99 b=2..12 c=a-b*x",
    "{a}-x={b}x-{c} | x=1..20 a=1..60 b=2..9 c=(b+1)*x-a !c>0",
    "0.{a}x={c} | a=2,4,5,8 k=1..12 x=5*k c=a*k//2 !a*k%2==0",
    "{a}.5x+{b}={c} | a=1..9 b=1..30 k=1..15 x=2*k c=(2*a+1)*k+b",
    "{a}(x+{b})+{c}={d} | x=-15..30 a=2..9 b=1..12 c=1..30 d=a*(x+b)+c",
    "{a}(x-{b})-{c}(x-{d})={k} | x=-10..30 a=3..9 c=2..8 b=1..9 d=1..9 k=a*(x-b)-c*(x-d) !a!=c",
    "{a}x+{b}({k}-x)={c} | x=1..30 a=2..12 b=2..12 k=10..60 c=a*x+b*(k-x) !a!=b",
]
QUADRATIC = [
    "x^2-{b}x+{c}=0 | r=1..12 x=2..15 b=r+x c=r*x !r<x",
    "x(x-{b})=0 | b=2..40 x=b",
    "(x-{b})(x-{c})=0 | b=1..20 x=2..25 c=x !b<x",
    "{a}x^2-{b}x=0 | a=2..6 x=1..15 b=a*x",
    "x^2={b}x-{c} | r=1..12 x=2..15 b=r+x c=r*x !r<x",
    "{a}x^2-{b}x+{c}=0 | a=2..5 r=1..9 x=2..10 b=a*(r+x) c=a*r*x !r<x",
]
SIGNED = [
    "x(x+{d})={t} | x=2..40 d=1..25 t=x*(x+d)",
    "x(x+1)={t} | x=2..90 t=x*(x+1)",
    "x(x-{d})={t} | d=1..25 x=2..50 t=x*(x-d) !x>d",
    "x^2=x+{t} | x=2..30 t=x*x-x",
    "x^2+x={t} | x=2..40 t=x*x+x",
    "x^2+{b}x-{c}=0 | x=1..20 b=1..15 c=x*x+b*x",
    "x^2-{b}x-{c}=0 | b=1..15 x=2..30 c=x*x-b*x !c>0",
    "x^2-{b}x={c} | b=1..15 x=2..30 c=x*x-b*x !c>0",
    "(x-{b})^2={t} | b=1..9 k=2..15 x=b+k t=k*k !k>b",
    "(x+{b})^2={t} | b=1..9 k=2..15 x=k-b t=k*k !x>0",
    "{a}x^2={t} | a=2..9 x=1..20 t=a*x*x",
    "x^2+{b}={t} | x=1..25 b=1..60 t=x*x+b",
    "{a}x^2+{b}x-{c}=0 | a=2..6 b=1..15 x=1..9 c=a*x*x+b*x",
    "{a}x(x+{d})={t} | a=2..5 d=1..12 x=1..15 t=a*x*(x+d)",
    "(x+{b})(x-{c})=0 | b=1..30 x=1..30 c=x",
]
SYSTEMS = [
    "{a}x+{b}y={t};{c}x+{d}y={u} | a=1..12 b=2..12 c=1..12 d=2..12 x=-12..30 y=-12..30 t=a*x+b*y u=c*x+d*y !a*d!=b*c",
    "{a}x+{b}y={t};{c}x-{d}y={u} | a=1..12 b=1..12 c=1..12 d=1..12 x=-12..30 y=-12..30 t=a*x+b*y u=c*x-d*y",
    "x+y={s};x-y={d} | x=-20..150 y=-20..150 s=x+y d=x-y",
    "y={a}x+{b};x+y={s} | a=2..9 b=1..20 x=-9..20 y=a*x+b s=x+y",
    "y=x+{b};{a}x+{c}y={s} | a=2..9 b=1..20 c=2..9 x=-9..30 y=x+b s=a*x+c*y",
]
SHAPED = "".join(
    f"\n@ {weight} | {shape}\n{frames}"
    for shapes, frames, weight in (
        (LINEAR, ONE, 2),
        (QUADRATIC, TWO, 2.5),
        (SIGNED, TWO, 0.7),
        (SIGNED, SIGNS, 2),
        (SYSTEMS, PAIR, 4),
    )
    for shape in shapes
)

MORE_FAMILIES = (
    SHAPED
    + """
@ 5 | x={k}y;x+y={s} | k=2..9 y=2..80 x=k*y s=x+y
en
= the larger number | the smaller one
. The sum of two numbers is {s} and one is {k} times the other.
. One number is {k} times as large as another; together they make {s}.
. Two numbers add up to {s}. The larger is {k} times the smaller.
. {s} is split into two parts, one {k} times the other.
. A [rope|board|pipe|ribbon] of {s} cm is cut in two pieces, one {k} times as long as the other.
. {n} and {m} share {s} dollars; {n} gets {k} times as much as {m}.
. {n} has {k} times as much money as {m}. Together they have {s}.
? [Which numbers?|What are the two numbers?|How big is each?|What are they?|Find both.]
> They are {x} and {y}. / {x} and {y}. / The larger is {x}, the smaller {y}.
? [How big is the smaller one?|What is the smaller one?]
> The smaller one is {y}.
? [How big is the larger one?|What is the larger one?]
> The larger one is {x}.
zh
= 大的 | 小的
. 两个数的和是{s}，一个是另一个的{k}倍，
. 把{s}分成两部分，一部分是另一部分的{k}倍，
. 一根{s}厘米的绳子剪成两段，长的是短的{k}倍，
. {n}的钱是{m}的{k}倍，两人共有{s}元，
. 甲数是乙数的{k}倍，两数相加得{s}，
? [各是多少|分别是多少|求这两个数|两个各是几]？
> 分别是{x}和{y}。 / 大的是{x}，小的是{y}。
? 小的是多少？
> 小的是{y}。
? 大的是多少？
> 大的是{x}。

@ 4 | x+{a}={k}(y+{a});x-y={d} | a=2..15 k=2..4 y=2..20 d=(k-1)*(y+a) x=y+d
en
= the older one's age | the younger one's age
* {n} is {d} years older than {m}. In {a} years {n} will be {k} times as old as {m}. How old are they now?
> {n} is {x} and {m} is {y}.
zh
= {n}的年龄 | {m}的年龄
* {n}比{m}大{d}岁，{a}年后{n}的年龄是{m}的{k}倍，两人现在各几岁？
> {n}{x}岁，{m}{y}岁。

@ 4 | x={k}y;x-{a}={j}(y-{a}) | k=2..5 j=3..9 y=4..20 a=1..12 x=k*y !j>k !y>a !x-a==j*(y-a)
en
= {n}'s age now | {m}'s age now
* {n} is {k} times as old as {m}. {a} years ago {n} was {j} times as old. How old are they now?
* {a} years ago {n} was {j} times as old as {m}; [now|today] only {k} times. What are their ages?
> {n} is {x} and {m} is {y}.
zh
= {n}现在的年龄 | {m}现在的年龄
* 现在{n}的年龄是{m}的{k}倍，{a}年前是{m}的{j}倍，两人现在各几岁？
* {n}今年的年龄是{m}的{k}倍，{a}年前{n}是{m}的{j}倍，求两人今年的年龄。
> {n}{x}岁，{m}{y}岁。

@ 4 | x+{a}={b} | a=2..40 x=3..60 b=x+a
en
= the age now
* In {a} years {n} will be {b}. How old is {n} now?
* {n} turns {b} in {a} years. What is {n}'s age [now|today]?
> {n} is {x}. / {x} years old.
zh
= 现在的年龄
* 再过{a}年{n}就{b}岁了，{n}现在几岁？
* {a}年后{n}{b}岁，今年多大？
> {n}今年{x}岁。

@ 4 | {a}x+{b}={c} | a=2..12 b=1..11 x=2..40 c=a*x+b !b<a @owned
en
= the number each gets
* {c} {p} are shared equally among {a} [children|friends|people|classes] and {b} are left over. How many does each get?
* {n} divides {c} {p} among {a} friends; {b} remain. How many did each friend get?
* From {c} {p}, {a} equal bags were filled and {b} were left. How many are in each bag?
> Each gets {x}. / {x} {p} each. / {x}.
zh
= 每份的数量
* 把{c}{pc}{p}平均分给{a}个人，还剩{b}{pc}，每人分到多少{pc}？
* {c}{pc}{p}装满{a}袋后剩{b}{pc}，每袋有多少{pc}？
> 每份{x}{pc}。 / {x}{pc}。

@ 6 | {a}x+{b}={c} | a=2..12 b=1..40 x=1..40 c=a*x+b @shop
en
= the price of one {p1}
* {ap} and a {q1} for {b} dollars cost {c} together. How much is one {p1}?
* {n} bought {ap} and one {q1}. The {q1} was {b}, the bill {c}. What did each {p1} cost?
* {ap} plus a {q1} at ${b} make ${c}. Price of a {p1}?
> One {p1} costs {x}. / A {p1} is {x}.
zh
= 一{pc}{p}的价钱
* {n}买{ap}和一{qc}{b}元的{q}，一共花了{c}元，每{pc}{p}多少元？
* {ap}加上一{qc}{b}元的{q}共{c}元，一{pc}{p}多少钱？
* 一{qc}{q}{b}元，买它和{ap}共付{c}元，{p}的单价是多少？
> 一{pc}{p}{x}元。 / 每{pc}{p}{x}元。

@ 5 | {a}x+{b}x={t} | a=20..140 b=20..140 x=1..9 t=(a+b)*x
en
= the number of hours
* Two [trains|trucks|ferries|cyclists|buses] start {t} km apart and head for each other at {a} km/h and {b} km/h. When do they meet?
* From two towns {t} km apart {n} and {m} drive towards each other at {a} and {b} km/h. How long until they meet?
* One [boat|train] does {a} km/h, the other {b} km/h, and they approach each other over {t} km. After how many hours do they pass?
* The distance is {t} km. {n} rides at {a} km/h, {m} comes the other way at {b} km/h. How many hours until they meet?
> After {x} hours. / They meet after {x} hours.
zh
= 小时数
* 两[列火车|辆卡车|艘船]相距{t}千米，相向而行，时速{a}千米和{b}千米，[几小时相遇|几小时后相遇]？
* {n}和{m}从相距{t}公里的两地同时出发相向而行，每小时各走{a}公里和{b}公里，多久相遇？
* 两地相距{t}千米，一车每小时{a}千米，另一车每小时{b}千米，同时对开，几小时相遇？
> {x}小时后相遇。 / 要{x}小时。

@ 4 | x/{a}+x/{b}=1 | a=2..60 b=2..60 x=a*b//(a+b) !a*b%(a+b)==0 !a!=b
en
= the time together
* {n} alone needs {a} [hours|days] for the job, {m} alone {b}. How long together?
* One [machine|printer|pump|crew] finishes in {a} [minutes|hours], another in {b}. How long do they take working together?
> Together {x}. / They need {x}.
zh
= 合作的时间
* {n}单独做要{a}[天|小时]，{m}单独做要{b}[天|小时]，一起做要多久？
* 一台机器{a}小时完成，另一台{b}小时完成，两台同时工作要几小时？
> 要{x}。 / 合作要{x}。

@ 5 | x=y+{d};x+y={s} | y=2..200 d=1..90 x=y+d s=x+y
en
= what {n} has | what {m} has
. {n} and {m} have {s} dollars together. {n} has {d} more than {m}.
. {n} earned {d} more than {m}. Both earned {s} in total.
. Together {n} and {m} [ran|read|collected|scored] {s}; {n} did {d} more than {m}.
? [How much does each have?|How much is it for each?|What is each one's share?]
> {n}: {x}, {m}: {y}. / {n} has {x} and {m} has {y}.
zh
= {n}的 | {m}的
. {n}和{m}共有{s}元，{n}比{m}多{d}元，
. {n}比{m}多得{d}分，两人共得{s}分，
. 两人一共攒了{s}元，{n}比{m}多攒{d}元，
? [各是多少|两人各有多少|分别是多少]？
> {n}{x}，{m}{y}。

@ 4 | {a}x+{b}x={t} | a=1..7 b=2..9 x=2..60 t=(a+b)*x !a<b
en
= one part
* {t} is divided in the ratio {a} to {b}. How big is one part?
* Sand and gravel are mixed {a}:{b}, {t} kg in all. How many kg is one part?
* Two numbers are in the ratio {a}:{b} and their sum is {t}. What is one share?
> One part is {x}. / {x}.
zh
= 一份
* 两个数的比是{a}:{b}，和是{t}，一份是多少？
* 按{a}:{b}分配{t}元，每份是多少元？
> 一份是{x}。

@ 5 | x+(x+1)+(x+2)={t} | x=1..90 t=3*x+3
en
= the smallest number
* Three consecutive [integers|numbers|house numbers|page numbers] add up to {t}. [Find the smallest.|What is the first?]
> The smallest is {x}. / {x}.
* Three consecutive integers sum to {t}. With {e}, what is {v}?
> {v} = {x}.
zh
= 最小的数
* 三个连续整数相加得{t}，[最小的是几|第一个数是多少]？
> 最小的是{x}。
* 三个连续整数之和是{t}，列方程{e}，求{v}
> {v} = {x}。
"""
)
