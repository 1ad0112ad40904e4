"""English clues, with their points.

The points are weighed by tests/domain/emergencies/weigh_clues.py; the notation is that of domain/emergencies/clues.py.
"""

from __future__ import annotations

from domain.emergencies.clues import Clues
from domain.emergencies.heard import Danger

#: Points of every message, and further ones of a message that is shorter than so many characters or English words.
BASE = 1
LENGTHS = ((6, 2), (10, -1))
CLUES = (
    Clues("family", None, (2, 2, 0),
        "mom+1/mum+2/mother/dad/father/husband/wife/grandma+1/grandpa+1/grandmother-2/grandfather+1/granny/grandad/son+1/daughter/baby+1/kid+3/kids/child-1"
        "/children/brother/sister/uncle/aunt/cousin/boyfriend/girlfriend/toddler/nephew/niece/parents+1/grandson/granddaughter/stepdad+1/ex/nan/nana/pops"
        "/papa/mama/stepmother/stepfather/stepmom/twins/infant/newborn/little boy/little girl+2/little brother/little sister/my boy/my girl/my kid/my wife"
        "/my husband/my mom+1/my dad+1/my son/my daughter+3/my grandma-1/my grandpa/my baby+2/my friend+1/my brother+1/my sister/my neighbor-3/my neighbour"
        "/my uncle+2/my aunt/my mother/my father/in law/fiance/partner/elderly-2/old woman"),
    Clues("other people", None, (1, 2, 0),
        "man-1/woman/boy+1/girl+1/guy+1/someone+1/somebody-2/person/people/lady+1/old man+1/old lady/neighbor/neighbour-3/neighbors/worker+1/workers+1"
        "/coworker/driver/friend/friends/student/students/classmate/roommate+1/guys+1/men+1/passengers/passenger/everyone+1/everybody/farmer/cyclist/rider+2"
        "/strangers/stranger-3/two of them+2/one of them/teen/teenager/teenagers/teens/tourist/tourists/hiker/hikers/fisherman/passerby/pedestrian/biker"
        "/builder/electrician/welder/roofer/mechanic/delivery guy/courier/cleaner/nurse/teacher-3/pupil/pupils/lad/bloke/dude+1/couple/family/families-2"
        "/villagers/crowd/customer/customers/patient/victim/victims/tenant/landlord/guest/guests/employee/chef/cook/boss/drunk guy/drunk man-3/masked"
        "/another/others/two people/three people/several people/both"),
    Clues("pronouns", None, (1, 2, 3),
        "he/she/they/him/her/them-2/hes+1/shes+1/theyre/his/their"),
    Clues("the person who writes", None, (0, 0, 3),
        "i/im+1/me/my/we/us+1/our/ive/were-1"),
    Clues("parts of the body", None, (2, 1, 0),
        "head+1/face/arm+1/arms/leg+3/legs/chest/throat+1/mouth+1/lips/eyes/eye/neck/hand+2/hands/finger-1/fingers/stomach-1/back/skin/body+2/blood"
        "/bleeding+1/nose/hip/breath+2/breathing/pulse/heart-3/tongue/knee-3/shoulder/wrist/ankle/toe/toes/jaw/ear/ears/hair/forehead/rib/ribs/spine/thigh"
        "/palm/thumb/tooth/teeth/foot/feet/lung/lungs/belly/side/left side/one side/half/bone/bones"),
    Clues("ill or injured", Danger.MEDICAL, (1, 3, 0),
        "pain/hurts-1/hurt/collapsed+1/fainted/unconscious+1/seizure+3/shaking+1/vomiting/dizzy+1/choking+2/choked/stroke+1/swollen/swelling+2/numb/burned-2"
        "/scalded/fever/overdose/stung/bitten/labor/labour+1/contractions/pregnant+1/asthma/diabetic/allergic/wheezing/sweating/pale/blue+3/purple/cold/limp"
        "/stiff/weird/sick/headache/confused/slurring/broken/broke+1/injured-1/wound/cut-2/dying-4/dead-1/killed-2/drool/foaming/convulsing/gasping/unwell"
        "/ill/poisoned/electrocuted/drowned/drowning-1/crushed/burns/burned badly/scalding/severed/sliced/cut off/cut his/cut her+1/deep cut/gash/puncture"
        "/stabbed/broken leg/broken arm/fracture/concussion/passed out/pass out/blacked out/out cold/seizing/spasm/twitching/trembling/heart attack"
        "/heart stopped/cardiac/drooping/droops/slurred/slurs/cant speak/rash/hives/choke/gagging/coughing+1/throwing up/threw up/diarrhea/dehydrated"
        "/heatstroke/sunstroke/frostbite/hypothermia/hypothermic/shivering/feverish/burning up+2/fits/fit/epileptic/epilepsy/insulin/sugar/overdosed"
        "/swallowed+1/ate+1/drank+3/mushrooms/venom/venomous/snake bit/bitten by-2/stung by/wasp/hornets/allergy/reaction/anaphylaxis/giving birth/birth"
        "/water broke/miscarriage/pressure/severe/badly/serious/critical/delirious/faint/weak/clutching+1/gasps/short of breath/yellow/grey/bruised/bruises"
        "/blood everywhere+1/lots of blood/so much blood/pool of blood/blood on/soaked"),
    Clues("no answer", Danger.MEDICAL, (4, 0, 0),
        "not breathing/wont wake+1/not waking/doesnt answer+1/not answering/isnt answering+1/not responding+1/no response/not moving/isnt moving/wont move"
        "/doesnt move/cant wake/no sound/no answer/wont answer/unresponsive/silent/motionless/not talking/stopped/cant breathe/cant move/cant get up"
        "/cant talk/wont stop/wont respond/doesnt respond/no pulse/wont open/not opening/wont talk/cant feel/not conscious/not awake/wont get up"
        "/cant get him/cant get her/nobody answers/no reply/doesnt reply/isnt breathing+1/stopped breathing/barely breathing/hardly breathing/cant stand"
        "/unable to/not react/no reaction"),
    Clues("falls", None, (2, 4, 3),
        "fell/fall/fallen/falling/slipped+1/tripped/jumped+1/dropped/went under+2/went down+1/went in/fell in+2/fell into+2/fell off+2/fell from/down"
        "/lying+1/laying/floor+1/ground-3/hanging/hung/tipped/flipped+2/rolled+1/overturned/sinking/sank/off the roof/off a ladder/ladder+1/stairs+1"
        "/balcony-3/window+1/roof/cliff/slope/hole/pit+1/through the ice+2/into the+1/into a-1/toppled/tumbled/plunged/slid/sliding+2/landed/slipping"
        "/dangling/cant climb/cant reach"),
    Clues("water", Danger.WATER, (0, 1, 4),
        "river/lake/pond-1/well/canal+2/pool-2/reservoir+3/ditch+2/sea/water/stream/creek/dam+1/boat+1/raft+2/kayak/drown/swim/swimming-2/swept/current+1"
        "/ice/floating+2/shore/wave/waves/bank/bridge/flood-1/flooded/flooding/rising/tide/under water/submerged/under the water/didnt come up+2/come up"
        "/surface/surfaced/whirlpool/rapids/waist deep/chest deep/rising fast/swept away+2/washed away/carried away/capsized+2/cant swim/life jacket/fishing"
        "/pier/dock/beach/quarry/weir/spillway/cistern/trough/bathtub/tub/puddle+1/gutter/culvert/drain-2/cesspit/manure/face down"),
    Clues("fire and smoke", Danger.FIRE, (0, 3, 2),
        "fire/flames+1/smoke-1/burning-1/burn-3/sparks/sparking+2/caught+2/exploded+4/explosion+2/blaze/on fire/smell+1/black smoke/lit+1/burnt/boom/bang"
        "/flame/smoking/smoky/smoldering/burst into/engulfed/ablaze/spreading/spread/fireworks-1/firecrackers-2/gas bottle-2/cylinder/stove/oil/pan/curtains"
        "/mattress/haystack/straw-2/barn+1/warehouse/forest/woods/hill+1/hillside+2/wildfire/grass fire/flaming/heat-3/hot+1/choking smoke/full of smoke+1"
        "/filled with smoke/smoke coming/smoke pouring+1/coming out of+2/charging/battery-2/short circuit/fuse box/transformer-1/outlet"),
    Clues("gas and poison", Danger.GAS, (0, 3, 3),
        "gas/leak+1/leaking/fumes/carbon-1/monoxide-1/chemical+1/chlorine/ammonia/hissing+2/smells-2/tank/heater+1/charcoal/valve/rotten+2/wire+1/wires-3"
        "/cable+3/shock/power line+2/electric/pesticide/poison-1/manhole/sewer/septic/gas smell/smell of gas+1/smell gas/smells like gas/rotten eggs/hiss"
        "/headaches/co alarm/alarm/boiler/water heater/coal/brazier/sulfur/acid/toxic/spill/spilled/tanker/pipeline/pipe burst-3/dug into/excavator"
        "/wires down/live wire+1/downed/electricity/socket/plug/fence-1/pole+2/pump/sprayed/spraying/pesticides/weedkiller/cellar/silo/fermentation/cesspool"
        "/biogas"),
    Clues("trapped", Danger.COLLAPSE, (2, 4, 2),
        "trapped+1/stuck+1/pinned/buried+1/under+1/locked/cant get out/inside+1/elevator-1/lift/rubble/cave/landslide+1/mud/wall/gave way+2/ceiling+1"
        "/building+2/tunnel/scaffolding+1/crane/tree fell-3/came down/cant get/cant open/jammed/wedged/caved in+1/cave in/collapse/collapsing/collapsed on"
        "/fell on+1/came down on+2/crushing/under the/beneath/debris/mudslide+1/rockslide/rocks/boulder/avalanche/earthquake-2/quake/aftershock/trench+1"
        "/mine/mineshaft/shaft/chimney/between-2/waist/up to/water is up/rooftop/on the roof+1/attic/upstairs-3/stranded/surrounded/burst+1/levee/breach"
        "/embankment/gave out/tilting/leaning/cracking/cracks/sinkhole/cable car/swing/scaffold/beam/concrete/bricks/sign fell/tree came/tree on"),
    Clues("traffic", Danger.TRAFFIC, (1, 2, 4),
        "car/truck+1/bus/van/motorbike+2/motorcycle/scooter+1/crash/crashed+2/hit+1/accident+1/highway/road-1/ran over/run over+1/tractor+2/rammed"
        "/drunk driver+2/brakes/lorry+1/train/tracks/intersection/crossing/hit and run+1/ambulance-2/wreck/collided+1/collision/crashed into/ran into/hit by"
        "/hit a+2/hit him/hit her/hit my-3/struck/knocked down/knocked over/smashed into/rear ended/pile up/pileup/rolled over+2/upside down+1"
        "/in the ditch+1/off the road+2/off the bridge+2/skidded/swerved/lost control/no brakes/brake failed/wheels+1/windshield/windscreen/airbag"
        "/steering wheel/seat/crash site/bicycle/ebike/moped/tricycle/minibus+1/school bus/coach/pickup/suv/forklift/combine/guardrail/railing+1/lane-4/bend"
        "/curve/toll/roundabout/zebra/crosswalk-1/junction/level crossing/railway/platform/driver is/the driver/speeding off/drove away/sped off"
        "/license plate"),
    Clues("weapons", Danger.VIOLENCE, (1, 0, 0),
        "knife/gun+1/axe/machete+1/bat/hammer/weapon/sword/pistol/shot-2/shots/gunshots+3/shooting/stabbing/stab/bottle/blade/knives/cleaver/sickle/hoe"
        "/shovel/iron bar/pipe+2/stick/rod/brick/petrol/gasoline/lighter/bomb/explosives/grenade/rifle/shotgun/crossbow/armed/waving/swinging/pointing"),
    Clues("violence", Danger.VIOLENCE, (1, 3, 0),
        "beating+1/beat/hitting/hits/hit me/hitting me+2/punch/punching/kick/kicking/attack/attacked/attacking/fighting-2/fight/rob/robbed/robbing/robbery"
        "/break in/breaking in/broke in/breaking into/intruder/burglar/kidnapped/kidnap/hostage/rape/raped/assault/strangling/choking me/threatening"
        "/threatened/kill me/kill us/follow/following+2/followed+1/chasing/chased/grabbed+1/dragging/dragged/forced/screaming/drunk+1/violent/gang/door"
        "/hiding/outside+1/police+1/tied/pushed/throwing+1/smashed/smashing/banging/beats/beaten/beating me/beating her/beat me/hits me/slapped/slapping"
        "/slap/punched/kicked/stomping/choking her/strangled/hurting me/hurting her/hurt me/hurt us/going to kill/gonna kill/wants to kill/trying to kill"
        "/said hell kill/threatens/threat/burn us/burn the house/burned me/locked me+2/locked us/wont let me/wont let us/wont let her/not letting/tied up"
        "/held/holding/hold/stole-3/stealing/snatched/mugged/mugging/thief/thieves/burglars/broken in/climbing/climbed/over the wall/through the window"
        "/in my house/in the house/in our house/in my yard/someone is in/downstairs+2/footsteps/prowler/lock/kicking the door/pounding/banging on/knocking"
        "/at my door/stalking/stalker/cornered/blocking-4/mob/brawl/riot/fistfight/hammering/cut him/slashed/slashing/attacks/stabs/raping/molested/groped"
        "/touching/undress/drugged/taken away/shoved/pulled/pulling/abduct/abducted/abusive/abuse/abusing/domestic-2/husband is/my ex+1/ex boyfriend"
        "/ex husband/psycho/crazy man/mental/rampage/shouting/yelling/screams/scream/glass/bleeding from"),
    Clues("fear and cries", None, (-2, -1, 0),
        "help+2/hurry/scared/afraid/please-1/crying+1/hide/save/god/omg/whispering/quick/fast-1/emergency-2/now/come-1/send/urgent/asap/quickly/immediately"
        "/what do i do/what should i do-2/what do we do/helpless/terrified/panicking/panic/frightened/dont know what to do/what now/hurry up/please hurry+3"
        "/please come+2/please help-3/help me-2/help us/help him/help her/somebody help/someone help/send help/send someone/send police/send an/call an"
        "/call the/call police/call ambulance/get here/come quick/come fast/come now/right away/running out/running out of/cant hold/cant hold on"
        "/please send-2/need help/need an ambulance/firefighters/fire department/paramedics/doctor-2/rescue/cops"),
    Clues("missing", Danger.MISSING, (0, 3, 2),
        "missing-1/lost-1/disappeared/gone+1/vanished/wandered/didnt come+1/never came/hasnt come+1/not home/wasnt/cant find+2/cannot find/not picking+1"
        "/no signal/phone is off+1/unreachable/not answering her phone/not answering his phone/no one has seen/hasnt been seen/nobody has seen/taken/took+1"
        "/dementia/alzheimers/autistic/years old/year old/last seen/separated/ran away/ran off/dark/hours/hike/hiking/trail/mountain/since-3/still-1/morning"
        "/night-1/school/home+1/hour/anywhere/store/mall/missing since/went missing/not reachable/not answering calls/no one knows/nobody knows/no trace"
        "/no sign/didnt return/hasnt returned/not returned/not back/isnt back/isnt home/never got/never arrived/didnt arrive/didnt show/supposed to be"
        "/went out/walked out/walked off/walked away/left home/left the house/left a note/run away/ran away from/went hiking/went fishing/went for a"
        "/foraging/got lost/lost in+1/lost on/dont know where/no idea where/where he is/where she is/where we are/which way/no battery/no water/fog/snow"
        "/rain/getting dark+1/overnight/all night-1/all day/last night/two days/three days/since yesterday/since morning/this morning/hours ago/after school"
        "/playground/supermarket/market+2/park/station+1/festival/turned around/looked away/second/memory/disabled/deaf-3/wearing/jacket/barefoot/pajamas"
        "/slippers/stranger took/picked up by/got into a car/into a car/an unknown man/met online+1/online friend/a man took/a woman took+2"),
    Clues("suicide", Danger.SUICIDE, (2, 2, 4),
        "suicide-1/kill myself+3/want to die-3/end it/end my life/ending it/hang-3/rope+2/pills+2/jump/ledge/goodbye+1/bye/alive/live/living/burden"
        "/without me/wrists+1/razor/note+1/sorry-1/tired/anymore+2/hopeless/better off/take care/last/peace/over/nobody would/no point/everything/gave away"
        "/forgive/dont want to live+2/dont want to be here/cant go on+2/cant take it/cant do this/no reason/nothing left/give up/gave up/given up/done with"
        "/im done/its over/end everything/end it all/disappear/never wake/not wake up/sleep forever/say goodbye/said goodbye/farewell/final/last message"
        "/last time/suicide note/wrote a note/letter/will-1/sorry for everything/forgive me/dont look for/dont come/take care of/look after/feed the"
        "/sleeping pills/all the pills/whole bottle+2/bottle of/handful/tablets/bleach/gas on/exhaust/noose/belt/hanged/hanging from/slit/slitting/cutting"
        "/edge+1/rail/overpass/tower/window sill/windowsill/top floor/standing on+2/sitting on/threatening to jump/going to jump+2/gonna jump/wants to jump"
        "/wants to die/want to end/self harm/harm myself/hurt myself/depressed/depression/heartbroken/broke up/bullied/failed/debts/locked herself"
        "/locked himself/wont open the door/talking about dying/rather die/be dead/dead tomorrow"),
    Clues("money leaving", Danger.MONEY, (-1, 2, 4),
        "money-1/transfer-2/transferred/transferring/wired/wiring+1/account+1/card/code/otp/scam-1/scammed/scammer+3/scammers/sent/sending/paid/pay-1"
        "/savings+1/cash/withdraw+1/withdrawing/atm/teller/phone+1/screen+2/remote/link/app+2/police officer/customer service/investment/crypto/bitcoin"
        "/refund/loan/gift card+1/gift cards/deposit/balance+2/dollars/yuan/thousand/deducted/drained/blocked-2/verification/password/caller+1/hang up"
        "/online/webcam/video-2/blackmail/fee-2/bails/freeze/gold/wire transfer-1/sent him/sent them/sent her/sent money/transferred money/transferred all"
        "/transferring money+1/just transferred/just sent+3/just paid/about to transfer/about to send/keeps asking/asking for more/wants more/more money"
        "/another payment/second payment/all her savings/all his savings+1/all my savings/life savings/pension/retirement/fake police/fake-1/pretending+1"
        "/claims/claiming/says hes/says he is+2/impersonating/officer/prosecutor/court-2/arrest/warrant/laundering/safe account+1/secure account"
        "/screen share/sharing/anydesk/teamviewer/downloaded/installed/clicked/typed/entered/gave him+1/gave them/gave her/told him/told them/read him+1"
        "/read them/verification code/security code/bank card/card number/credit card/bank app-1/online banking/being drained/emptying/disappearing"
        "/going out/withdrawn/withdrew/charged/charges/unauthorized/didnt authorize/not me/wasnt me/hacked/hacker/stolen/lost all/took all+3/blocked me+2"
        "/deleted me/wont reply/cant withdraw/cant get it back/get it back/stop the+1/stop payment/freeze my/freeze the/reverse/romance/girlfriend online"
        "/boyfriend online/soldier/trading/returns/commission/task/tasks/lottery/prize-2/customs/parcel/delivery fee/kidnapped my/in trouble/bail"
        "/hospital fee/nephew calls/voice/nude/nudes/pictures/photos/contacts/pay or/ransom/counter+1/clerk/wont listen/doesnt listen/refuses to listen"
        "/on the phone with/still on the phone/wont hang up/secret/dont tell"),
    Clues("now", None, (2, 3, 0),
        "right now+1/just+1/currently/keeps-1/suddenly/already+1/getting+1/is on+1/about to/coming+1/going/started/minutes/seconds/tonight+1/and now+1"
        "/again-3/right this/at this moment/this minute/this second/as we speak/in progress/is happening/happening/getting worse/worse/any minute/wont last"
        "/running/still inside+1/still there/still in+1/still on/still bleeding/starting to/started to/began/beginning/minutes ago/just now+1/a moment ago"
        "/seconds ago/ten minutes/five minutes/half an hour/an hour/here/theres+1/all of a sudden/any second"),
    Clues("verbs of the present", None, (1, 2, 3),
        "is/are/has/there is+1/cant+2/wont/isnt/arent/dont+2/has been+1/have been/is in+1/is at+1/is under+1/is not-1/is bleeding+2/is burning+2/is stuck"
        "/is trapped/is coming+1/is going/is trying+1/is being+1/are in/are on/are trapped/are stuck/are coming/are burning/are being/am being/im being+1"
        "/being/and/on/in/of/to/into+1/out+1/up/from+1/off-1/its/came+2/went/got/theres a+1/some+1/two/all+1/room+1/right+2/a man+1/a woman/a kid+2/houses+1"
        "/hear+2/came in/out of+1/down on+2/off the+1/and my+1/and a+1/and its+1/and cant+1/and he+1/and she+1/and the/and wont-1/with/by/hasnt/havent"
        "/over there/people are+2/someone is+3/we are+1/they are+1/he is/she is+2/been"),
    Clues("places", None, (1, 0, 0),
        "behind+1/next door/at the-1/in the+1/on the/near+1/by the+1/village-1/house+1/kitchen+2/bathroom/bedroom/field+2/factory+2/street+1/yard-2/shop+1"
        "/gate-2/corner/construction/near the-1/next to/in front of-2/by the river/corner of/along/east/west/north/south/alley/garage/basement/hallway+1"
        "/stairwell+3/classroom/dorm/hotel+1/office-2/valley/orchard/greenhouse/farm/paddy/shed/workshop/construction site/plant-1/gym/clinic-1/bus stop-2"
        "/square/apartment/flat-3"),
    Clues("somebody left", None, (1, 0, 0),
        "drove off-2/fled/left+1/took off/got away"),
    Clues("questions", None, (-4, -4, 0),
        "what+3/when-1/where-1/how/who-1/which-1/why/does-1/do i/can i-2/could/should/is there-1/are there/is it-1/do you/can we/may i/would/how much"
        "/how many/how do-1/what time-1/can you/can someone/could you/where can-1/when will-2/anyone know/wondering/want to know/ask/whats/wheres/whens/hows"
        "/whos/why does/why is/why are/is this-3/are we/are they allowed/am i/did the/has the/have the+2/will the/will there/can you please/could someone-2"
        "/could we-2/could i/would it/would you/should we/should i/do we/do they/does the/does anyone/what is/what are/what do/what documents/what number"
        "/what happens/where do-1/where is/where are/when is-1/when do/when does-1/when are/who do/who is/who can-1/who should/who pays/which office/how can"
        "/how to/how does/how should/how old/how far/how long-2/how big/is it true/is it legal-1/is it safe/is it ok/is it normal/is that-2/any chance"
        "/possible/question/curious/info/information/advice/tips/difference/meaning/mean"),
    Clues("requests to the village", None, (-4, -4, 0),
        "please fix-1/suggest/suggestion/request/propose/complaint/complain/report/arrange/organize/notify/remind/reminder/announcement/notice/attention"
        "/volunteers/meeting/committee/village office/council/government/policy/subsidy/apply/application/permit/register/registration-1/certificate/form-1"
        "/license/insurance-1/tax/documents/hukou/id card/appointment/open-1/schedule/deadline/approval/invite/contact/can we get/can we have/we need-2"
        "/need a/need more/needs to be/should have/should be-1/put up/set up/add a/build/please put-2/please send someone to look/please check-4/please tell"
        "/please clean/please remove/please ask/please stop/please repair/please come look/look at/take a look/have a look/check on/check the/inspect-2"
        "/measure/supervise/enforce/ban/forbid/allowed/permission/rules/rule/law/legal/illegal/fine-1/fined-2/penalty/ticket/court date/sentence/jail"
        "/statement/record/proof/paperwork/copy/stamp/queue/office hours/counter hours/village head/mayor/hotline/website/link for/sign up/enroll/join"
        "/member/membership/training course/vaccination/vaccine/checkup/clinic hours-3/prescription/reimbursement/disability/benefits/allowance"
        "/compensation-2/claim/assistance/relief/fund/donate/donation-1"),
    Clues("things to repair", None, (-5, -3, 0),
        "fix-1/fixed/repair/repaired/broke down/replace/replaced-1/install/light-1/lights/streetlight/street light-2/pothole-1/garbage/trash-1/tap/toilet"
        "/internet/wifi/signal/tv/ac/charger/printer/app crashed/out of order/rusty/expired/maintenance/inspection/clean+1/cleaned/parking/parked-3/leaks-2"
        "/leaky/dripping/clogged/blocked drain/flickers/flickering/out again/burnt out/bulb/lamp-1/lamps/sign-1/signs/bench/elevator is slow/elevator broken"
        "/door lock/locks/keys/roof tiles/tiles/sewage/water pressure/water cut/power cut/outage/blackout/electricity bill/bill-3/meter/router/computer"
        "/laptop/phone screen/camera/cameras/speaker/loudspeaker/extinguisher-1/extinguishers/hydrant/smoke detector-2/detector/detectors/alarm test"
        "/battery low/needs repair/needs fixing/paint/potholes/puddles/snow removal/dustbin/bin/bins/litter/dump/dumping/weeds/trees trimmed/trim/branches"
        "/branch-1"),
    Clues("the past", None, (-2, -2, 0),
        "last year-1/last month-1/last week-3/yesterday/years ago/ago/used to/before-1/in march/once/previously/since march/last summer/last winter-3"
        "/last spring/two years-1/three years/a while/ten years/months ago/days ago/childhood/back then/history/was/had/since january/since last+2"
        "/in january/in february/in april/in may/in june/in july/in august/in september/in october/in november/in december/in spring/in summer/the other day"
        "/earlier this/this spring/two weeks-1/three weeks/a month/months+1/years/year-1/decades/when i was/as a kid/when we were/happened before"
        "/happened in/has happened/once before/that time/the time/that night/that day/died in/passed away/late-1/anniversary/memorial/funeral/history of"
        "/were killed/was killed in/was hit last/was robbed last/recovering from/after the/had a-1/had an/did-1"),
    Clues("habits", None, (-5, -2, 0),
        "every-1/always/often/usually/sometimes/all the time/every day/every night-1/week-1/weeks/daily/monthly/weekends/lately/these days/three months-1"
        "/half a year/every morning/every evening-1/every weekend-3/every month/every year/every time/every summer/every winter/never+1/constantly/regularly"
        "/mostly/occasionally/each/per/nightly/weekly/yearly/for weeks/for months/for years/since weeks/keeps parking-2/keeps barking/keeps throwing/keep-1"
        "/kept/still not/still hasnt/still havent/third time/second time/again this/again today"),
    Clues("settled", None, (-5, -4, 0),
        "ok/okay/safe/found-2/resolved/recovered/thanks/thank-1/thank you-1/false alarm-1/no one hurt-3/nobody hurt/nobody was-1/no injuries/not hurt"
        "/home safe/luckily/discharged/mistake/all good/didnt fall/hung up/ignored/already fixed/put out/is back-1/no need/everyone is fine/everyone is safe"
        "/everyone ok/all safe/all fine-2/is fine/are fine/is ok/are ok/is safe/are safe/was found/were found/we found-1/found him/found her/found it"
        "/came back/came home/back home/home now/already home/turned out/turns out/it was just-1/was just/only a/just a/no need to/dont need/dont worry"
        "/never mind/nevermind/cancel-1/cancelled/ignore my/my mistake/sorry wrong/by mistake-3/by accident/misunderstanding/no damage/no harm/minor/slight"
        "/small/a bit/a little-1/little/scratch/band aid/bandage/healed/better/much better/is better/doing well/recovering/recover/released/out of hospital"
        "/arrested/caught the/was caught/police came/firemen came/firefighters came/has been put/was put out/is out-1/was extinguished/extinguished"
        "/under control/sorted/settled-2/solved/done/thanks to/grateful/appreciate/well done/good job/great job/kudos/i hung up-1/hung up on/didnt pay"
        "/did not pay/didnt send/didnt give/didnt click/did not click/blocked the/deleted it-1/reported it/got it back/got my money back/got refunded"),
    Clues("lost and broken things", None, (-4, 0, 0),
        "wallet-3/key/bag/umbrella/hat/package/glasses/ring/watch/bike/ball/drone/kite/shoes/clothes/luggage/toy/phones/purse-1/handbag/backpack/id/passport"
        "/receipt/mail/parcels/delivery/helmet/scarf/gloves/earrings/necklace/bracelet/earphones/headphones/tablet/scooter keys/bike stolen/car keys"
        "/window of my car/tires/tire/mirror/bumper/suitcase/box+2/boxes/bottles-1/cup/plate/furniture/chair/table/sofa/tent/fishing rod/doll/flowers/plants"
        "/tree-2/trees/garden/crops/vegetables/tomatoes/corn/rice-2/wheat/apples/peaches"),
    Clues("animals", None, (-5, 0, 0),
        "dog-1/dogs/cat-1/cats/chicken-1/chickens-2/duck/ducks/pig/cow/goat/sheep/fish-3/bird-1/birds/puppy/kitten/rat/rats/mouse/mosquitoes-2/bees/snake"
        "/ants/goose/rabbit/rooster/pigs/hens/hen/calf/horse/horses/donkey/lamb/goats/geese/ducklings/piglets/parrot/hamster/turtle/frog/frogs/crow/crows"
        "/pigeon/pigeons/mosquito-1/flies/fly/cockroach/cockroaches/wasps nest/beehive/hive/hornet nest/bees nest/boar/fox/wolf/monkey/wild boar/stray"
        "/strays/stray dogs/stray dog/livestock/cattle/cows/pet/pets/pond fish/carp/shrimp/crab/spider/spiders/snake in/worm"),
    Clues("exaggeration", None, (-3, -3, 0),
        "dying of/to death/killing me-3/so hot/so bored/lol/haha/funny/laughing/boring-1/tired of/drives me/sick of/insane/crazy-1/hilarious/to die for"
        "/killed it/best/love/great/delicious/cute/nice/amazing/exam/homework-3/test/i could die-1/so tired/so hungry/starving/exhausted/exhausting"
        "/dead tired/bored/stressed-1/overwhelmed/freaking/my head is exploding/head is exploding/mind blown/blew my mind/on fire this season/fire sale"
        "/fire playlist/killer/killed me-1/slay/crushed it/crush on/crashed my/my computer/the app/the website/my laptop/my phone is dead/dead battery"
        "/heart broken/broke my heart/stole the show/stole my heart/robbed of/beat the/beat us/beats me/beat them/shot a/shooting a/shot up/drowning in+1"
        "/flooded with/flood of/buried in work/buried in/swamped/stuck in traffic/stuck with/trapped in this/hostage to/choked up/cracking me/crack me up"
        "/lmao/rofl/hahaha/omg so/wow/awesome/cool/nice job/beautiful/lovely/tasty/yummy/spicy/gorgeous/favorite/fun/enjoy/enjoyed/happy/birthday"
        "/congratulations/cheers"),
    Clues("events, films and lessons", None, (-5, -1, 0),
        "drill/training/lecture-1/movie-1/film/game-2/games/show-3/novel-3/book/story/news/play-1/series/episode/song/class/course/lesson/poster-2/posters"
        "/exhibition/party/dance/performance/practice/rehearsal/documentary/scene/actor/drama/costume/cosplay/dream/dreamed/chapter/character/prank/joke"
        "/theme/museum/brochure/campaign/awareness/first aid/volunteer/drills/fire drill-1/earthquake drill/evacuation drill/rehearsing/simulation/simulated"
        "/exercise/exercises/seminar/webinar/talk/talks/session/meeting about/presentation/essay/project/report on/exams/quiz/study/studying/learn/learning"
        "/lessons/teach-1/teaching/teaches/instructor/certified/cpr class/cpr course/cpr training/first aid course/first aid kit/swimming lessons-2"
        "/swim class/self defense/leaflet/leaflets/flyer/flyers/banner/billboard/slogan/advert/ad/article/newspaper/magazine/podcast/radio/youtube/tiktok"
        "/netflix/film crew/filming/shoot/shooting a scene/set/cinema/theater/theatre/musical/opera/stage/puppet/cartoon/anime/comic/comics/manga/fiction"
        "/mystery/thriller/horror/crime show/detective/villain/hero/plot/ending/season/level/boss fight/minecraft/fortnite/player/players/team/match/league"
        "/score/goal/tournament/concert/band/album/lyrics/choir/dancing/square dance/halloween/carnival/parade/lantern/bonfire/campfire/barbecue-1/bbq/grill"
        "/candles/incense/fireworks show/picnic/camping/wedding/ceremony/tour/trip/visit-2/holiday/vacation/nightmare/dreamt/imagination/imagine/pretend"
        "/pretended/played/playing/joking/kidding/april fools/model/toys/water gun"),
    Clues("fears and plans", None, (-2, -3, 0),
        "might/if/someday/afraid it/worried/dangerous/danger/hazard/risk/unsafe/tomorrow-1/next/going to be/plan/planning/want to+1/would like/need to"
        "/prevent/avoid/careful/safety/before someone/sooner or later/one day-1/in case/if there-2/if a/if the/if i/if someone/if we/if my/what if/suppose"
        "/supposed/in the event/whenever/unless/may/maybe-1/perhaps/possibly/potential/potentially/likely/unlikely/expected/forecast/warning signs"
        "/warning sign/precaution/precautions/prevention-1/preventing/protect/protection/secure/safe to/safer/be careful/beware/caution/watch out/keep away"
        "/do not/dont let/dont forget/remember to/make sure/hazards/dangerous for/too dangerous/accident waiting/waiting to happen/before it/before anyone"
        "/someone will-1/someone could-1/someone might/could fall/could get/might fall/might get/will fall/will get/gets hurt-1/get hurt-1/going to get"
        "/afraid that/afraid someone/afraid of/fear of/worry/worries/concerned/concern/thinking of/thinking about/consider/considering/intend/hope/hoping"
        "/wish/tonight at/this weekend/this afternoon at/monday/tuesday/wednesday/thursday-1/friday-1/saturday/sunday-2/next week-1/next month/next year"
        "/later/soon"),
    Clues("disputes", None, (-4, 0, 0),
        "noise-1/noisy/loud-1/dispute/argue-1/arguing/argument/rent/wages/salary-1/pay me/owes-3/owe/boundary/divorce/custody/stinks/dust/smoke from-1/rude"
        "/lawyer/mediate-1/contract/return/unpaid/debt/music/barking/neighbors dog/neighbors tree/next door keeps/shouting match/quarrel/quarreling"
        "/bickering/insult/insulted/swore/swearing/cursing/gossip/rumor/rumors/slander/lies/lied/cheated on/cheating/unfair/fair+2/fairness/bully"
        "/bullying at school/bullies/teacher ignores/manager/employer/company-2/workplace/shift/overtime/payslip/paid late/deposit back/rent increase/evict"
        "/eviction/lease/tenants/property line/property/land/hedge/parking spot/parking space/my spot/driveway/blocks/blocking my/shade/sunlight"
        "/balcony drip/upstairs leak/ceiling leak/stain/mold/odor/stench/reek/pigsty/manure smell/factory smell/pollution/polluted/polluting/fumes from"
        "/burning trash/burns trash/burning leaves/karaoke/drums/piano/speakers/party noise/construction noise/drilling/hammering all/honking/engine noise"
        "/late at night/cant sleep/keep us awake/keeps us awake/awake"),
    Clues("trade", None, (-4, -2, -2),
        "buy-1/sell-1/selling-2/sale/price-4/cost/cheap/expensive/discount/hire/recommend/looking for/second hand/order-1/market price/brand/purchase/bought"
        "/ordered/ordering/seller/buyer/customers complaint/shop owner/stall+4/bargain/bargaining/coupon/promotion/offer/offers/free/fees/charge for/rate"
        "/rates/interest/mortgage/stocks/funds/invoice/warranty/quality/fake goods/expired food/stale/menu/restaurant/meal/dinner/lunch/breakfast/recipe"
        "/cooking-1/bake/flavor/taste/coffee/tea-1/beer/wine/hiring/job/jobs/vacancy/resume/interview/part time/babysitter/nanny/tutor/plumber/handyman"
        "/mover/taxi/bus ticket/train ticket/ticket price/timetable"),
    Clues("ordinary turns", None, (-1, -2, -3),
        "for-1/do+3/this-2/that-1/no-2/not-1/need-1/needs-2/get/gets/can+1/be-1/about-1/so-1/it/new-1/old-2/day-1/there/at/the/a/an+1/put/one+2/wrong/too-2"
        "/very/really/any/some of/more/less/than/as/or-1/but-1/because-3/also/like/your/you/them all/these/those/here in/us all/use/used/using/work-1"
        "/works-3/working/line+1/number-2/area/time-1/times/place/people here"),
)  # fmt: skip
