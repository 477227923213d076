"""The last families for `equation_wide.py`: jobs, mixtures, seats, scores, plans, and riddles told as a chain of steps."""

LAST_FAMILIES = """
@ 5 | {a}x+{b}={c} | a=2..12 b=1..60 x=1..60 c=a*x+b
en
= the number
* {b} more than {a} times a number is {c}. [What is the number?|Find the number.]
* I think of a number. I multiply it by {a}, then add {b}, and get {c}. [What did I think of?|What is my number?]
* Multiply a number by {a} and add {b}: the result is {c}. Which number?
* If {b} is added to {a} times a number, we get {c}. What is it?
* A mystery number times {a} plus {b} comes to {c}. Can you find it?
* {c} is {b} more than {a} times which number?
* When {a} times a number is increased by {b}, it becomes {c}. Determine the number.
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* {c}比某数的{a}倍多{b}，某数是多少？
* 一个数的{a}倍加上{b}[等于|得]{c}，求这个数。
* 我想一个数，乘{a}后再加{b}，得{c}，[我想的是几|这个数是几]？
* 把某数乘{a}再加{b}，结果是{c}，求某数。
* 一个神秘数字，扩大{a}倍加{b}后是{c}，它是多少？
> 这个数是{x}。 / 是{x}。 / 某数是{x}。

@ 5 | {a}x-{b}={c} | a=2..12 b=1..60 x=1..60 c=a*x-b !c>0
en
= the number
* {b} less than {a} times a number is {c}. [What is the number?|Find the number.]
* I think of a number, multiply it by {a}, take away {b} and get {c}. What did I think of?
* {c} is {b} less than {a} times which number?
* If {a} times a number is reduced by {b}, the result is {c}. Which number is it?
* My number times {a} minus {b} makes {c}. What is my number?
> The number is {x}. / It is {x}. / {x}.
zh
= 这个数
* {c}比某数的{a}倍少{b}，某数是多少？
* 一个数的{a}倍减去{b}[等于|得]{c}，求这个数。
* 我想一个数，乘{a}后再减{b}，得{c}，[我想的是几|这个数是几]？
* 把某数乘{a}再减{b}，结果是{c}，求某数。
> 这个数是{x}。 / 是{x}。 / 某数是{x}。

@ 4 | {a}x+{b}={c}x+{d} | a=3..12 c=2..9 b=1..30 x=1..30 d=(a-c)*x+b !a>c
en
= the number
* {a} times a number plus {b} equals {c} times the number plus {d}. [What is the number?|Find the number.]
* If I multiply my number by {a} and add {b}, I get the same as multiplying it by {c} and adding {d}. What is my number?
* {b} more than {a} times a number is {d} more than {c} times the number. Which number?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数的{a}倍加{b}等于它的{c}倍加{d}，求这个数。
* 某数的{a}倍加{b}，与它的{c}倍加{d}相等，某数是几？
> 这个数是{x}。 / 是{x}。

@ 4 | {a}x-{b}={c}x+{d} | a=3..12 c=2..9 b=1..30 x=1..40 d=(a-c)*x-b !a>c !d>0
en
= the number
* {a} times a number minus {b} equals {c} times the number plus {d}. [What is the number?|Find the number.]
* {b} less than {a} times a number is {d} more than {c} times that number. Which number is it?
> The number is {x}. / It is {x}.
zh
= 这个数
* 一个数的{a}倍减{b}等于它的{c}倍加{d}，求这个数。
* 某数的{a}倍少{b}，与它的{c}倍多{d}相等，某数是几？
> 这个数是{x}。 / 是{x}。

@ 4 | {a}+{b}x={c}+{d}x | a=5..90 b=2..15 c=5..200 d=1..15 x=1..30 !b!=d !a+b*x==c+d*x
en
= the number asked for
* One taxi takes {a} plus {b} per km, another {c} plus {d} per km. At how many km is the price equal?
* Gym A costs {a} to join and {b} a month, gym B {c} and {d} a month. After how many months do they cost the same?
* {n} has {a} dollars and saves {b} a week, {m} has {c} and saves {d} a week. After how many weeks do they have the same?
* Plant A is {a} cm tall and grows {b} cm a week; plant B is {c} cm and grows {d} cm a week. When are they equally tall?
> After {x}. / At {x}. / {x}.
zh
= 所求的数
* {n}有{a}元，每周存{b}元，{m}有{c}元，每周存{d}元，几周后两人的钱一样多？
* 甲公司收{a}元加每公里{b}元，乙公司收{c}元加每公里{d}元，几公里时价钱相同？
> 是{x}。 / {x}。

@ 3 | {a}-{b}x={c} | a=20..300 b=2..15 x=1..30 c=a-b*x !c>0
en
= the number asked for
* A candle is {a} mm long and burns {b} mm [an hour|per hour]. After how many hours is it {c} mm?
* A tank with {a} liters loses {b} liters a minute. When does it hold {c} liters?
* {n} has {a} dollars and spends {b} a day. After how many days is {c} left?
* A book has {a} pages. {n} reads {b} a day. After how many days are {c} pages left?
> After {x}. / {x}. / It is {x}.
zh
= 所求的数
* 蜡烛长{a}毫米，每小时烧{b}毫米，几小时后剩{c}毫米？
* {n}有{a}元，每天花{b}元，几天后剩{c}元？
* 一本书{a}页，{n}每天看{b}页，几天后还剩{c}页？
> {x}。 / 是{x}。

@ 5 | x+y={s};{a}x+{b}y={t} | a=2..12 b=2..12 x=1..40 y=1..40 s=x+y t=a*x+b*y !a!=b
en
= the number with {a} | the number with {b}
. {t} people sit in {s} boats, {a} or {b} to a boat.
. A hostel has {s} rooms with {a} or {b} beds, {t} beds in all.
. A hall has {s} tables, some for {a} and some for {b}, seating {t}.
. {s} boxes hold {t} eggs; some boxes hold {a}, the others {b}.
. In a game {n} made {s} shots, worth {a} or {b} points, and scored {t}.
. A quiz has {s} questions, worth {a} or {b} points each, {t} points in total.
? How many of each?
? How many [have|are for|hold] {a} and how many {b}?
> {x} with {a} and {y} with {b}.
zh
= {a}的数量 | {b}的数量
. {t}人坐{s}条船，大船坐{a}人，小船坐{b}人，
. 宿舍有{s}个房间，有的住{a}人，有的住{b}人，一共住{t}人，
. {s}张桌子，有的坐{a}人，有的坐{b}人，共坐{t}人，
. 试卷有{s}道题，每题{a}分或{b}分，共{t}分，
? 两种各有多少？
? {a}的和{b}的各有几个？
> {a}的有{x}，{b}的有{y}。

@ 4 | x+y={s};{a}x-{b}y={t} | a=2..10 b=1..5 x=3..40 y=1..15 s=x+y t=a*x-b*y !t>0
en
= the right answers | the wrong answers
. A quiz has {s} questions: {a} points for a right answer, minus {b} for a wrong one. {n} scored {t}.
. {n} played {s} rounds, won {a} for each win, lost {b} for each loss and ended with {t}.
? How many were right and how many wrong?
> {x} right and {y} wrong.
zh
= 对的 | 错的
. 竞赛{s}题，对一题得{a}分，错一题扣{b}分，{n}得了{t}分，
. 运{s}个瓶子，每个完好得{a}元，打碎一个赔{b}元，共得{t}元，
? 对的和错的各多少？
> 对的{x}，错的{y}。

@ 4 | x+y={s};x*y={t} | y=2..30 x=2..40 s=x+y t=x*y !x>y
en
= one number | the other
* Two numbers have the sum {s} and the product {t}. [What are they?|Find them.]
* Which two numbers add up to {s} and multiply to {t}?
* I have two numbers whose sum is {s} and whose product is {t}. Which?
> They are {x} and {y}. / {x} and {y}.
zh
= 一个数 | 另一个数
* 两个数的和是{s}，积是{t}，[求这两个数|这两个数是多少]？
* 哪两个数加起来是{s}，乘起来是{t}？
> 是{x}和{y}。 / 这两个数是{x}和{y}。

@ 5 | x={k}y+{d};x+y={s} | k=2..6 d=1..30 y=2..60 x=k*y+d s=x+y
en
= the larger number | the smaller one
. One number is {d} more than {k} times another, and their sum is {s}.
. Two numbers add up to {s}. The larger is {k} times the smaller plus {d}.
. {n} has {d} more than {k} times what {m} has; together it is {s}.
? [What are they?|Find both.|How big is each?]
> {x} and {y}. / They are {x} and {y}.
zh
= 大数 | 小数
. 两数之和是{s}，大数比小数的{k}倍多{d}，
. {n}的钱比{m}的{k}倍还多{d}元，两人共{s}元，
. 果园里苹果树比梨树的{k}倍多{d}棵，两种树共{s}棵，
? [各是多少|分别是多少|各有多少]？
> 分别是{x}和{y}。

@ 4 | x={k}y;x-y={d} | k=2..9 y=2..60 x=k*y d=x-y
en
= the larger | the smaller
. One number is {k} times another and {d} more than it.
. The difference of two numbers is {d}; the larger is {k} times the smaller.
. {n} has {k} times as many points as {m}, which is {d} more.
? [What are they?|Find both.|How big is each?]
> {x} and {y}. / They are {x} and {y}.
zh
= 大数 | 小数
. 两数之差是{d}，大数是小数的{k}倍，
. {n}的分数是{m}的{k}倍，比{m}多{d}分，
. 苹果树的棵数是梨树的{k}倍，比梨树多{d}棵，
? [各是多少|分别是多少|各有多少]？
> 分别是{x}和{y}。

@ 4 | x+y={s};x-{d}=y+{d} | y=2..60 d=1..20 x=y+2*d s=x+y @owned
en
= what {n} has | what {m} has
* {n} and {m} have {s} {p} together. If {n} gives {d} to {m}, they have the same. How many does each have?
* Of {s} {p}, {n} passes {d} to {m} and then both have equally many. How many did each have before?
> {n} has {x} and {m} has {y}.
zh
= {n}的 | {m}的
* {n}和{m}共有{s}{pc}{p}，{n}给{m}{d}{pc}后两人一样多，原来各有多少{pc}？
> {n}有{x}{pc}，{m}有{y}{pc}。
"""
